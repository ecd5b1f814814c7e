import { claimedShard } from "./claims.ts";
import type { Effect } from "./effect.ts";
import type { Input } from "./input.ts";
import { failed } from "./outcome.ts";
import { progressWakeMs, tellProgress } from "./progress.ts";
import { settle } from "./results.ts";
import type { Run, WorkerState } from "./worker-state.ts";

/**
 * Does what is due for each run. One scan of at most `slots` runs serves all of them: deadlines are long
 * against the work of a scan, and a timer for each dispatch would cost more than the dispatch.
 */
export function wake(state: WorkerState, nowMs: number): readonly Effect[] {
  const effects: Effect[] = [];
  let wakeAtMs = Number.POSITIVE_INFINITY;
  for (const run of state.runs.values()) {
    if (progressWakeMs(run) <= nowMs) effects.push(...tellProgress(state, run, nowMs));
    if (run.dueMs <= nowMs) effects.push(...timeOut(state, run, nowMs));
    wakeAtMs = Math.min(wakeAtMs, run.dueMs, progressWakeMs(run));
  }
  state.wakeAtMs = wakeAtMs;
  return effects;
}

/** Another deadline for a handler that runs: its execution was paused or resumed. */
export function extend(
  state: WorkerState,
  { session: id, shard: number, epoch, dispatchId, timeLeftMs }: Extract<Input, { kind: "extend" }>,
  nowMs: number,
): readonly Effect[] {
  const session = state.sessions.get(id);
  const shard = session && claimedShard(session, number, epoch, state);
  const run = state.runs.get(dispatchId);
  // A signal that has aborted can't be taken back.
  if (!shard || run?.shard !== shard || run.status !== "running") return [];
  const limitMs = limitOf(timeLeftMs);
  if (run.timeoutMs === Number.POSITIVE_INFINITY) run.timeoutMs = limitMs;
  run.deadlineMs = nowMs + limitMs;
  run.dueMs = run.deadlineMs;
  state.wakeAtMs = Math.min(state.wakeAtMs, run.dueMs);
  return [];
}

/** What a time left says on the wire: 0 is no limit. */
export function limitOf(timeLeftMs: bigint): number {
  return Number(timeLeftMs) || Number.POSITIVE_INFINITY;
}

/** First the signal; then, should the handler not have stopped, the failure. */
function timeOut(state: WorkerState, run: Run, nowMs: number): readonly Effect[] {
  const { dispatchId, timeoutMs } = run;
  if (run.status === "running") {
    run.status = "timed-out";
    run.dueMs = nowMs + state.limits.deadlineGraceMs;
    return [{ kind: "abort", dispatchId, cause: { kind: "timed-out", timeoutMs } }];
  }
  run.status = "answered";
  run.dueMs = Number.POSITIVE_INFINITY;
  run.progress = undefined;
  const message = `the attempt timed out after ${timeoutMs} ms, and its handler did not stop`;
  return settle(state, run, failed({ code: "DEADLINE_EXCEEDED", message, reason: "DEADLINE" }));
}
