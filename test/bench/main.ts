import { mkdir } from "node:fs/promises";
import { help, type Options, readArguments } from "./arguments.ts";
import { thisMachine } from "./machine.ts";
import { type EnginePhaseName, enginePhases, groupOf } from "./phases.ts";
import { killChildren } from "./processes/child.ts";
import { profilePath, renderProfile } from "./profile/profiles.ts";
import { type Results, renderJson, renderTable } from "./report.ts";
import { runOnce } from "./run.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const beganMs = performance.now();

/** To standard error: standard output is for the result. */
function progress(line: string): void {
  const elapsed = ((performance.now() - beganMs) / 1_000).toFixed(1).padStart(6);
  process.stderr.write(`${elapsed} s  ${line}\n`);
}

/** Rejects at the first signal, so that everything is cleaned up; a second one ends the process at once. */
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of signals) process.once(signal, () => reject(new Error(`interrupted by ${signal}`)));
});
interrupted.catch(() => {});

async function measure(options: Options): Promise<Results> {
  const machine = thisMachine();
  const runs: Results["runs"][number][] = [];
  for (let run = 1; run <= options.runs; run += 1) {
    progress(`run ${run} of ${options.runs}: starting and heating up`);
    runs.push(await runOnce(options, progress, interrupted));
  }
  return { machine, runs };
}

async function showProfiles({ only }: Options, folder: string): Promise<void> {
  const names = Object.keys(enginePhases) as EnginePhaseName[];
  for (const name of names.filter((phase) => only.has(groupOf(phase))))
    process.stderr.write(`\n${await renderProfile(profilePath(folder, name))}`);
}

/** Prints the results; an error code when any output was wrong, whatever the figures. */
async function bench(options: Options): Promise<number> {
  const { profileDirectory } = options;
  if (profileDirectory !== undefined) await mkdir(profileDirectory, { recursive: true });
  const results = await measure(options);
  if (profileDirectory !== undefined) await showProfiles(options, profileDirectory);
  process.stdout.write(options.json ? `${renderJson(results)}\n` : renderTable(results));
  return results.runs.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
}

async function main(): Promise<number> {
  const request = readArguments(process.argv.slice(2));
  switch (request.kind) {
    case "help":
      process.stdout.write(help);
      return 0;
    case "mistake":
      process.stderr.write(`bench: ${request.message}\n\n${help}`);
      return 2;
    case "measure":
      return bench(request);
  }
}

process.on("exit", killChildren);
try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
