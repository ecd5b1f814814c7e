import { equalAgents, scenario, unequalAgents, weft } from "./scenarios.ts";
import { type Outcome, type Policy, type Scenario, simulate } from "./simulate.ts";

export type Row = Outcome & { readonly title: string; readonly policy: string };

type Comparison = {
  readonly title: string;
  readonly differences: Partial<Scenario>;
  readonly policies: readonly (readonly [name: string, policy: Policy])[];
};

const weftRow = ["weft", weft] as const;
const pushers = [
  ["random", "random"],
  ["round robin", "round robin"],
] as const;
const unlearned = ["free slots alone", { ...weft, learns: "nothing" }] as const;
const sinkholes = [
  ["no error penalty", { ...weft, learns: "successes" }],
  ["no rest", { ...weft, rests: false }],
  weftRow,
] as const;

const comparisons: readonly Comparison[] = [
  ...[0.85, 0.95].map((load) => ({
    title: `equal agents, load ${load}`,
    differences: { load },
    policies: [...pushers, unlearned, weftRow],
  })),
  {
    title: "equal agents, load 1.1 for so long that a backlog grows",
    differences: { load: 1.1 },
    policies: [["no offers", { ...weft, offers: false }], weftRow],
  },
  ...[0.5, 0.85].map((load) => ({
    title: `1 to 8 slots, speed 0.5 to 2, load ${load}`,
    differences: { load, agents: unequalAgents() },
    policies: [...pushers, unlearned, weftRow],
  })),
  ...[0.5, 0.85, 1.1].map((load) => ({
    title: `2 of 50 fail in 20 ms, load ${load}`,
    differences: { load, agents: equalAgents(2) },
    policies: [...pushers, ...sinkholes],
  })),
  {
    title: "2,000 calls of one execution at once, one orchestrator, load 0.85: the others",
    differences: { burst: 2_000, orchestrators: 1 },
    policies: [["in order of arrival", { ...weft, takesTurns: false }], weftRow],
  },
];

export function measure(seed: number, calls: number): readonly Row[] {
  return comparisons.flatMap(({ title, differences, policies }) =>
    policies.map(([name, policy]) => ({
      title,
      policy: name,
      ...simulate(scenario({ calls, ...differences }), policy, seed),
    })),
  );
}

export function renderTable(rows: readonly Row[]): string {
  const lines = rows.map((row, place) => {
    const { title, policy } = row;
    const heading = rows[place - 1]?.title === title ? "" : `\n${title}\n${header}\n`;
    const figures = [
      seconds(row.waitingP99Ms),
      seconds(row.waitingMeanMs),
      seconds(row.latencyMeanMs),
      `${(100 * row.failedShare).toFixed(2)} %`,
    ];
    return `${heading}  ${policy.padEnd(20)}${figures.map(column).join("")}\n`;
  });
  return lines.join("").trimStart();
}

const column = (text: string): string => text.padStart(14);
const header =
  " ".repeat(22) + ["p99 waiting", "mean waiting", "mean latency", "failed"].map(column).join("");

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 3 : 1)} s`;
}
