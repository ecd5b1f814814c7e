import { parseArgs } from "node:util";
import { type PhaseGroup, phaseGroups } from "./phases.ts";

/** What the command line asks for. */
export type Arguments =
  | { readonly kind: "help" }
  | { readonly kind: "mistake"; readonly message: string }
  | ({ readonly kind: "measure" } & Options);

export type Options = {
  readonly quick: boolean;
  readonly json: boolean;
  /** Whole runs, each in fresh processes; the figures are their medians. */
  readonly runs: number;
  readonly only: ReadonlySet<PhaseGroup>;
  /** Where the orchestrator's CPU profiles go. Undefined: it is not profiled. */
  readonly profileDirectory: string | undefined;
};

const runsMax = 100;

export const help = `Measures Weft next to bare grpc-js, on this machine, in one run.

  npm run -s bench                   everything, as a table (about 2 minutes)
  npm run -s bench -- --quick        shorter measurements, under 50 seconds
  npm run -s bench -- --runs 3       medians of three whole runs

  --quick           measure each workload for a shorter time
  --json            print one JSON object instead of the table
  --runs N          measure N times, each in fresh processes, and report medians (1 to ${runsMax})
  --only LIST       only these, comma-separated: ${phaseGroups.join(", ")}
  --profile FOLDER  write a CPU profile of the orchestrator's main thread in each workload to FOLDER,
                    and tell where its time went; the figures of such a run are lower
  --help            print this
`;

/** Reads the command line, without the program's own name. */
export function readArguments(words: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        runs: { type: "string", default: "1" },
        only: { type: "string", default: phaseGroups.join(",") },
        profile: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return { kind: "help" };
    return {
      kind: "measure",
      quick: values.quick,
      json: values.json,
      runs: readRuns(values.runs),
      only: readOnly(values.only),
      profileDirectory: values.profile,
    };
  } catch (error) {
    return { kind: "mistake", message: error instanceof Error ? error.message : String(error) };
  }
}

function readRuns(text: string): number {
  const runs = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (runs < 1 || runs > runsMax)
    throw new Error(`--runs ${text}: expected a whole number from 1 to ${runsMax}`);
  return runs;
}

function readOnly(list: string): ReadonlySet<PhaseGroup> {
  const groups = list.split(",").map((word) => {
    const group = phaseGroups.find((candidate) => candidate === word.trim());
    if (!group) throw new Error(`--only ${list}: expected some of ${phaseGroups.join(", ")}`);
    return group;
  });
  return new Set(groups);
}
