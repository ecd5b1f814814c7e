import { z } from "zod";
import type { Delivery } from "./effect-sink.ts";

/** One line of `weft events -o json`: the event stands under its name. */
const line = z.looseObject({ sequence: z.coerce.number() });
const ofStep = z.object({
  stepId: z.string(),
  agentId: z.string().optional(),
  reason: z.string().optional(),
});

/** A fact of the log, as far as the verdict needs it. */
export type Fact = {
  readonly sequence: number;
  /** As in the log's JSON: "stepStarted". */
  readonly kind: string;
  readonly stepId?: string;
  readonly agentId?: string | undefined;
};

/** All that is known after the chaos. */
export type Evidence = {
  readonly executionId: string;
  readonly steps: readonly string[];
  readonly facts: readonly Fact[];
  readonly deliveries: readonly Delivery[];
  /** Keys in the notifications file that are of this execution. */
  readonly notifications: readonly string[];
  readonly hasReport: boolean;
};

/** Reads what `weft events -o json` prints. */
export function factsOf(output: string): readonly Fact[] {
  return output
    .trim()
    .split("\n")
    .map((text) => {
      const { sequence, ...rest } = line.parse(JSON.parse(text));
      // The event is the one field that holds an object.
      const [kind = "", value] = Object.entries(rest).find(([, field]) => typeof field === "object") ?? [];
      const step = ofStep.safeParse(value);
      return { sequence, kind, ...(step.success ? step.data : {}) };
    });
}

/** What became of each step, and of its effect: a line for each. */
export function story({ steps, facts, deliveries, executionId }: Evidence): readonly string[] {
  const width = Math.max(...steps.map((step) => step.length));
  return steps.map((step) => {
    const told = facts.filter(({ stepId }) => stepId === step).flatMap((fact) => wordsFor(fact));
    const times = deliveries.filter(({ key }) => key === `${executionId}/${step}`);
    const applied = times.filter(({ isApplied }) => isApplied).length;
    return `${step.padEnd(width)}  ${told.join(", ")}; effect delivered ${count(times.length)}, applied ${count(applied)}`;
  });
}

function wordsFor({ kind, agentId }: Fact): readonly string[] {
  switch (kind) {
    case "stepStarted":
      return [`runs on ${agentId}`];
    case "stepInterrupted":
      return [`interrupted: ${agentId} was lost`];
    case "stepFailedOver":
      return [`failed over from ${agentId}`];
    case "stepSucceeded":
      return ["succeeded"];
    default:
      return [];
  }
}

function count(times: number): string {
  return times === 1 ? "once" : `${times} times`;
}

/** Everything that is not as promised; nothing when the mesh held. */
export function broken(evidence: Evidence): readonly string[] {
  const { executionId, steps, facts, deliveries, notifications, hasReport } = evidence;
  const problems: string[] = [];
  const expectThat = (holds: boolean, problem: string): void => void (holds || problems.push(problem));
  const countOf = (kind: string, step?: string): number =>
    facts.filter((fact) => fact.kind === kind && fact.stepId === step).length;
  expectThat(
    facts.every(({ sequence }, index) => sequence === index + 1),
    "the log has a gap",
  );
  for (const step of steps) {
    const successes = countOf("stepSucceeded", step);
    expectThat(successes === 1, `${step} has ${successes} successes in the log`);
    const applied = deliveries.filter(({ key, isApplied }) => isApplied && key === `${executionId}/${step}`);
    expectThat(applied.length === 1, `the effect of ${step} happened ${count(applied.length)}`);
  }
  const keys = new Set(deliveries.map(({ key }) => key));
  expectThat(keys.size === steps.length, `the sink saw ${keys.size} keys of ${steps.length} steps`);
  const lost = facts.filter(({ kind }) => kind === "stepInterrupted" || kind === "stepFailedOver");
  expectThat(lost.length > 0, "no step was interrupted or failed over");
  expectThat(countOf("executionSucceeded") === 1, "the execution did not succeed once");
  expectThat(facts.at(-1)?.kind === "executionSucceeded", "the log goes on after the end");
  expectThat(notifications.length === 1, `it was notified ${count(notifications.length)}`);
  expectThat(hasReport, "there is no report");
  return problems;
}
