import { type Finding, LateOnes, type Moment } from "../finding.ts";
import type { Memory } from "../memory.ts";
import type { Signal } from "../rule.ts";
import { namesOf } from "../subject-key.ts";

type SignalOf<Kind extends Signal["kind"]> = Extract<Signal, { readonly kind: Kind }>;

/** Executions past a part of their timeout. */
export function lateExecutions(
  { executions, recent }: Memory,
  { at, withinMs }: SignalOf<"execution_sla">,
  { nowMs, knownMs }: Moment,
): readonly Finding[] {
  const late = new LateOnes("namespace", "workflow");
  for (const [id, { namespace, workflow, startedAtMs, timeoutMs, pausedAtMs }] of executions.entries()) {
    if (timeoutMs === undefined) continue;
    const lateMs = Math.min(knownMs, pausedAtMs ?? knownMs) - startedAtMs - timeoutMs * at;
    if (lateMs >= 0) late.add([namespace, workflow], id, lateMs);
  }
  if (at >= 1) addTimedOut(late, recent, "timed_out", nowMs - withinMs, (id) => !executions.get(id));
  return late.findings();
}

/** Running steps past a part of their timeout. */
export function lateSteps(
  { steps, executions, recent }: Memory,
  { at, withinMs }: SignalOf<"step_sla">,
  { nowMs, knownMs }: Moment,
): readonly Finding[] {
  const late = new LateOnes("namespace", "workflow", "capability");
  for (const [id, step] of steps.entries()) {
    const { namespace, workflow, capability, status, sinceMs, timeoutMs } = step;
    if (status !== "running" || timeoutMs === undefined) continue;
    const untilMs = executions.get(step.executionId)?.pausedAtMs ?? knownMs;
    const lateMs = Math.min(knownMs, untilMs) - sinceMs - timeoutMs * at;
    if (lateMs >= 0) late.add([namespace, workflow, capability], id, lateMs);
  }
  if (at >= 1) addTimedOut(late, recent, "step_timed_out", nowMs - withinMs, () => true);
  return late.findings();
}

/** The orchestrator ends what has timed out, so that it is hardly ever seen open and late. */
function addTimedOut(
  late: LateOnes,
  recent: Memory["recent"],
  mishap: string,
  fromMs: number,
  counts: (id: string) => boolean,
): void {
  for (const [key, { mishaps }] of recent.entries()) {
    const [kind, ...labels] = namesOf(key);
    if (kind !== mishap) continue;
    for (const { id, atMs } of mishaps) if (atMs > fromMs && counts(id)) late.add(labels, id, 0);
  }
}
