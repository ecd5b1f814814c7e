import type { Effect } from "./effect.ts";
import type { Input } from "./input.ts";
import type { Run, WorkerState } from "./worker-state.ts";

/** The first is told at once; what comes within the interval waits, and the last one wins. */
export function progressed(
  state: WorkerState,
  { dispatchId, fraction, message }: Extract<Input, { kind: "progressed" }>,
  nowMs: number,
): readonly Effect[] {
  const run = state.runs.get(dispatchId);
  if (!run || run.status === "answered") return [];
  run.progress = {
    fraction: Math.min(1, Math.max(0, Number.isNaN(fraction) ? 0 : fraction)),
    message: message.slice(0, state.limits.progressMessageLengthMax),
  };
  if (progressWakeMs(run) <= nowMs) return tellProgress(state, run, nowMs);
  state.wakeAtMs = Math.min(state.wakeAtMs, progressWakeMs(run));
  return [];
}

/** When what waits may be told; Infinity: nothing waits, or nobody is there to hear it. */
export function progressWakeMs({ progress, progressDueMs, shard }: Run): number {
  return progress && shard?.claimant ? progressDueMs : Number.POSITIVE_INFINITY;
}

/** Without a claimant it waits for the next one: to an orchestrator it is a sign of life too. */
export function tellProgress(state: WorkerState, run: Run, nowMs: number): readonly Effect[] {
  const { progress, dispatchId } = run;
  const session = run.shard?.claimant?.id;
  if (!progress || session === undefined) return [];
  run.progress = undefined;
  run.progressDueMs = nowMs + state.limits.progressIntervalMs;
  return [{ kind: "progress", session, dispatchId, ...progress }];
}
