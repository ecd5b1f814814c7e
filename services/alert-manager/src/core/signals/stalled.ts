import { type Finding, LateOnes, type Moment } from "../finding.ts";
import type { Memory, OpenStep } from "../memory.ts";
import type { Signal } from "../rule.ts";
import { countsIn } from "../series.ts";
import { namesOf } from "../subject-key.ts";

type SignalOf<Kind extends Signal["kind"]> = Extract<Signal, { readonly kind: Kind }>;

/** Steps that run, and of which nothing was heard for long. */
export function stuckSteps(
  memory: Memory,
  { noProgressForMs }: SignalOf<"step_stuck">,
  { knownMs }: Moment,
): readonly Finding[] {
  const stuck = new LateOnes("namespace", "workflow", "capability");
  for (const [id, step] of memory.steps.entries()) {
    if (step.status !== "running" || isPaused(memory, step)) continue;
    const silentMs = knownMs - step.sinceMs;
    if (silentMs >= noProgressForMs)
      stuck.add([step.namespace, step.workflow, step.capability], id, silentMs);
  }
  return stuck.findings();
}

/** Steps that have waited long for an agent. */
export function queuedLong(
  memory: Memory,
  { overMs }: SignalOf<"queue_age">,
  { knownMs }: Moment,
): readonly Finding[] {
  const queued = new LateOnes("namespace", "capability");
  for (const [id, step] of memory.steps.entries()) {
    const waitedMs = knownMs - step.sinceMs;
    if (step.status !== "queued" || waitedMs < overMs || isPaused(memory, step)) continue;
    queued.add([step.namespace, step.capability], id, waitedMs);
  }
  return queued.findings();
}

/** Capabilities for which steps wait though no agent that offers them is known, runs one or has lately taken one. */
export function withoutCapacity(
  memory: Memory,
  { overMs }: SignalOf<"no_capacity">,
  moment: Moment,
): readonly Finding[] {
  const waiting = new LateOnes("capability");
  const offered = capabilitiesAtWork(memory, overMs, moment);
  for (const [id, step] of memory.steps.entries()) {
    const waitedMs = moment.knownMs - step.sinceMs;
    if (step.status !== "queued" || waitedMs < overMs || isPaused(memory, step)) continue;
    if (step.capability !== "" && !offered.has(step.capability)) waiting.add([step.capability], id, waitedMs);
  }
  return waiting.findings();
}

/** What the registry says may be old or never have come: an agent that works is there all the same. */
function capabilitiesAtWork(
  { agents, steps, series }: Memory,
  overMs: number,
  moment: Moment,
): ReadonlySet<string> {
  const atWork = new Set<string>();
  for (const { state, capabilities } of agents.values())
    if (state === "READY") for (const capability of capabilities) atWork.add(capability);
  for (const { status, capability } of steps.values()) if (status === "running") atWork.add(capability);
  for (const [key, sends] of series.entries()) {
    const [what, by, , capability = ""] = namesOf(key);
    if (what !== "sends" || by !== "capability" || atWork.has(capability)) continue;
    if (countsIn(sends, overMs, moment.knownMs).total > 0) atWork.add(capability);
  }
  return atWork;
}

function isPaused({ executions }: Memory, { executionId }: OpenStep): boolean {
  return executions.get(executionId)?.pausedAtMs !== undefined;
}
