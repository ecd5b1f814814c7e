import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const outputCharsMax = 20_000;

/** A real process of this repository, started for a test. */
export type TestProcess = {
  readonly pid: number;
  /** What it has printed lately, both streams. */
  output(): string;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): void;
  /** Ends it if it still runs; resolves when it is gone. */
  end(): Promise<void>;
};

const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

type ProcessOptions = { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> };

/** Runs a `.ts` file, named from the root of the repository, as a process of its own. */
export function startProcess(
  file: string,
  args: readonly string[],
  options: ProcessOptions = {},
): TestProcess {
  return startProgram(process.execPath, [join(root, file), ...args], options);
}

/** Runs a program as it is. */
export function startProgram(
  path: string,
  args: readonly string[],
  options: ProcessOptions = {},
): TestProcess {
  const child = spawn(path, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  living.add(child);
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString("utf8")).slice(-outputCharsMax);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const ended = once(child, "close").then(([code, signal]) => {
    living.delete(child);
    return (code ?? signal) as number | NodeJS.Signals;
  });
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    kill: (signal) => void child.kill(signal),
    async end() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
