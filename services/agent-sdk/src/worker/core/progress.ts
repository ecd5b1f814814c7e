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
  if (nowMs >= run.progressDueMs) return tellProgress(state, run, nowMs);
  state.wakeAtMs = Math.min(state.wakeAtMs, run.progressDueMs);
  return [];
}

/** Progress is ephemeral: without a claimant nobody hears of it. */
export function tellProgress(state: WorkerState, run: Run, nowMs: number): readonly Effect[] {
  const { progress, dispatchId } = run;
  run.progress = undefined;
  const session = run.shard?.claimant?.id;
  if (!progress || session === undefined) return [];
  run.progressDueMs = nowMs + state.limits.progressIntervalMs;
  return [{ kind: "progress", session, dispatchId, ...progress }];
}
