import { dueAtMs, type Execution, isOpen } from "./execution.ts";

/** It waits for no time at all: for somebody to do something. */
export const never = Number.MAX_SAFE_INTEGER;

/**
 * When the execution next has something to do by itself, in milliseconds since the epoch: 0 while an agent
 * runs a step of it, `never` when only a request can move it. Stops at the first step that runs.
 */
export function nextDueMs({ state, steps, active, deadlineMs }: Execution): number {
  const isPaused = state.status === "PAUSED";
  let next = isPaused ? never : (deadlineMs ?? never);
  for (const index of active) {
    const run = steps[index]!;
    if (run.state.status === "RUNNING") return 0;
    if (isPaused) continue;
    // The queue timeout of a step that an agent has taken is past, and says nothing any more.
    if (run.state.status === "WAITING") next = Math.min(next, run.state.deadlineMs);
    else next = Math.min(next, dueAtMs(run) ?? never, run.queueDeadlineMs ?? never);
  }
  return next;
}

/** Whether the execution can leave memory until `asOfMs`: it has not ended, and has nothing to do before. */
export function maySleepUntil(execution: Execution, asOfMs: number): boolean {
  return isOpen(execution) && nextDueMs(execution) > asOfMs;
}
