import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** A named shell command that passes when it exits with 0. */
export interface Stage {
  readonly name: string;
  readonly command: string;
}

export interface StageOptions {
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly atOnceMax: number;
  readonly print: (line: string) => void;
}

/**
 * Runs the stages, several at once, and prints a line for each as it ends, with all that it said when
 * it failed. True when all passed; a failed stage stops no other, so that one run tells everything.
 */
export async function runStages(stages: readonly Stage[], options: StageOptions): Promise<boolean> {
  const startedMs = performance.now();
  const waiting = [...stages];
  const failed: string[] = [];
  const width = Math.max(...stages.map(({ name }) => name.length));
  const work = async () => {
    for (let stage = waiting.shift(); stage; stage = waiting.shift()) {
      const { passed, output, tookMs } = await runStage(stage, options);
      options.print(`${stage.name.padEnd(width)}  ${passed ? "ok    " : "failed"}  ${seconds(tookMs)}`);
      if (passed) continue;
      failed.push(stage.name);
      options.print(output.trimEnd());
    }
  };
  await Promise.all(Array.from({ length: options.atOnceMax }, work));
  const total = seconds(performance.now() - startedMs);
  options.print(failed.length === 0 ? `all ok in ${total}` : `failed in ${total}: ${failed.join(", ")}`);
  return failed.length === 0;
}

async function runStage({ command }: Stage, { directory, environment }: StageOptions) {
  const startedMs = performance.now();
  const child = spawn(`exec 2>&1; ${command}`, {
    shell: true,
    cwd: directory,
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [output, code] = await Promise.all([text(child.stdout), ended]);
  return { passed: code === 0, output, tookMs: performance.now() - startedMs };
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
