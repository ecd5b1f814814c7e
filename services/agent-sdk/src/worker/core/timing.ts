import type { Effect } from "./effect.ts";
import { failed } from "./outcome.ts";
import { tellProgress } from "./progress.ts";
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
    if (run.progress && run.progressDueMs <= nowMs) effects.push(...tellProgress(state, run, nowMs));
    if (run.dueMs <= nowMs) effects.push(...timeOut(state, run, nowMs));
    wakeAtMs = Math.min(wakeAtMs, run.dueMs, run.progress ? run.progressDueMs : run.dueMs);
  }
  state.wakeAtMs = wakeAtMs;
  return effects;
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
