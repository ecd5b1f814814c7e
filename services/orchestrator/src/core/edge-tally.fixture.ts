import type { RecordedEvent } from "./event.ts";
import { type Execution, executionTransitions, findStep, stepTransitions } from "./execution.ts";

/** How often each thing has happened, by topic. */
export type Tally = { readonly [Topic in TallyTopic]: Map<string, number> };

const topics = ["step", "execution", "event", "skip", "end"] as const;
export type TallyTopic = (typeof topics)[number];

export function newTally(): Tally {
  return { step: new Map(), execution: new Map(), event: new Map(), skip: new Map(), end: new Map() };
}

export function count(tally: Tally, topic: TallyTopic, name: string): void {
  tally[topic].set(name, (tally[topic].get(name) ?? 0) + 1);
}

/** Counts the edges that an event takes, whoever `evolve` is. */
export function countEdges(
  tally: Tally,
  execution: Execution,
  { event }: RecordedEvent,
  evolve: () => void,
): void {
  const statuses = () => [
    "step" in event ? findStep(execution, event.step)!.run.state.status : "",
    execution.state.status,
  ];
  const [step, whole] = statuses();
  evolve();
  const [stepAfter, wholeAfter] = statuses();
  if (step !== stepAfter) count(tally, "step", `${step} → ${stepAfter}`);
  if (whole !== wholeAfter) count(tally, "execution", `${whole} → ${wholeAfter}`);
  count(tally, "event", event.kind);
  if (event.kind === "step.skipped") count(tally, "skip", event.cause);
}

/** Every edge that is in a table. */
export function edgesIn(table: { readonly [from: string]: readonly string[] }): readonly string[] {
  return Object.entries(table).flatMap(([from, all]) => all.map((to) => `${from} → ${to}`));
}

/** What must have happened for the proof to mean something. */
export const everyEdge = { step: edgesIn(stepTransitions), execution: edgesIn(executionTransitions) };

/** A table to read: one line for each thing, with how often it happened. */
export function tallyText(tally: Tally): string {
  return topics
    .flatMap((topic) => [
      `${topic}:`,
      ...[...tally[topic].keys()]
        .sort()
        .map((name) => `${String(tally[topic].get(name)).padStart(10)}  ${name}`),
    ])
    .join("\n");
}
