import { dueAtMs, type Execution, isOpen, type StepRun } from "./execution.ts";

/** It waits for no time at all: for somebody to do something. */
export const never = Number.MAX_SAFE_INTEGER;

/**
 * When the execution next has something to do by itself, in milliseconds since the epoch: 0 while an agent
 * runs a step of it, `never` when only a request can move it.
 */
export function nextDueMs(execution: Execution): number {
  return dueBefore(execution, 0);
}

/** Whether the execution can leave memory until `asOfMs`: it has not ended, and has nothing to do before. */
export function maySleepUntil(execution: Execution, asOfMs: number): boolean {
  return isOpen(execution) && dueBefore(execution, asOfMs) > asOfMs;
}

/**
 * The same as `nextDueMs`, or any time at which something is due that is no later than `enoughMs`: asked after every
 * event, it must not look at thousands of steps for that.
 */
function dueBefore({ state, steps, active, running, deadlineMs }: Execution, enoughMs: number): number {
  if (running > 0) return 0;
  if (state.status === "PAUSED") return never;
  let next = deadlineMs ?? never;
  for (const index of active) {
    next = Math.min(next, stepDueMs(steps[index]!));
    if (next <= enoughMs) break;
  }
  return next;
}

function stepDueMs(run: StepRun): number {
  // The queue timeout of a step that an agent has taken is past, and says nothing any more.
  if (run.state.status === "WAITING") return run.state.deadlineMs;
  return Math.min(dueAtMs(run) ?? never, run.queueDeadlineMs ?? never);
}
