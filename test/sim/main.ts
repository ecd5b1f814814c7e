import { parseArgs } from "node:util";
import { measure, renderTable } from "./report.ts";

const help = `Simulates how calls find agents, with the real balancer and without a clock: the same seed, the same table.

  node test/sim/main.ts                  50 agents, 10 orchestrators, lognormal calls of 4.1 s (CV² 3.2)

  --calls N    calls of each simulation, from 1,000 to 1,000,000 (100,000, which take about 10 s)
  --seed N     another sequence of calls, from 0 to 1,000,000 (1)
  --json       print JSON instead of the table, times in ms
  --help       print this
`;

function whole(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most)
    throw new Error(`--${name} ${text}: expected a whole number from ${least} to ${most}`);
  return value;
}

function main(words: readonly string[]): void {
  const { values } = parseArgs({
    args: [...words],
    options: {
      calls: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const seed = whole("seed", values.seed, 0, 1_000_000);
  const rows = measure(seed, whole("calls", values.calls, 1_000, 1_000_000));
  process.stdout.write(values.json ? `${JSON.stringify(rows, undefined, 2)}\n` : renderTable(rows));
}

try {
  main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`sim: ${error instanceof Error ? error.message : String(error)}\n\n${help}`);
  process.exitCode = 2;
}
