import { parseArgs } from "node:util";
import { withDataFolder } from "../data-folder.ts";
import { endChildren, killChildren, lastWords } from "../processes/child.ts";

const beganMs = performance.now();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** To standard error: standard output is for the result. */
export function progress(line: string): void {
  const elapsed = ((performance.now() - beganMs) / 1_000).toFixed(1).padStart(6);
  process.stderr.write(`${elapsed} s  ${line}\n`);
}

/** A bench that checks limits of its own: given a number on the command line, it tells whether they hold. */
export type LimitBench = {
  readonly help: string;
  /** The one option that it has: a whole number. */
  readonly option: { readonly name: string; readonly default: number };
  readonly measure: (folder: string, number: number) => Promise<boolean>;
};

/** Runs it in a folder on a real disk, and sets the exit code: 1 when a limit is broken or anything fails. */
export async function runLimitBench(bench: LimitBench): Promise<void> {
  process.on("exit", killChildren);
  for (const signal of signals) process.once(signal, () => process.exit(130));
  try {
    const number = readNumber(bench);
    if (number === undefined) process.stdout.write(bench.help);
    else process.exitCode = (await measured(bench, number)) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function measured({ measure }: LimitBench, number: number): Promise<boolean> {
  return withDataFolder(async (folder) => {
    try {
      return await measure(folder, number);
    } catch (error) {
      for (const line of lastWords()) progress(line);
      throw error;
    } finally {
      await endChildren();
    }
  });
}

/** Undefined: help was asked for. */
function readNumber({ option }: LimitBench): number | undefined {
  const { values } = parseArgs({
    options: { [option.name]: { type: "string" }, help: { type: "boolean" } },
  });
  if (values["help"]) return undefined;
  const text = values[option.name] ?? String(option.default);
  if (typeof text !== "string" || !/^[1-9]\d{0,8}$/.test(text))
    throw new Error(`--${option.name} ${text}: expected a whole number above 0`);
  return Number(text);
}
