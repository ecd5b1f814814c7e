import { assertNever } from "./assert-never.ts";
import type { Effect } from "./effect.ts";
import type { Event, RecordedEvent } from "./event.ts";
import {
  type Execution,
  type ExecutionState,
  executionTransitions,
  findStep,
  type StepRun,
  type StepState,
  stepTransitions,
} from "./execution.ts";

const none: readonly Effect[] = [];

/**
 * Applies a fact, in place, and yields what it newly makes due: O(out-degree), never O(steps).
 * Holds no rule, so that events of an older release replay the same under a newer one.
 */
export function evolve(execution: Execution, { event, sequence, timeMs }: RecordedEvent): readonly Effect[] {
  if (sequence !== execution.sequence + 1)
    throw new Error(`${execution.id}: event ${sequence} follows event ${execution.sequence}`);
  execution.sequence = sequence;
  switch (event.kind) {
    case "execution.started":
      return start(execution, event, timeMs);
    case "execution.cancel_requested":
      execution.cancelRequested = { reason: event.reason };
      return none;
    case "execution.timed_out":
      return none;
    case "execution.succeeded":
      return end(execution, { status: "SUCCEEDED", output: event.payload, endedAtMs: timeMs });
    case "execution.failed":
      return end(execution, { status: "FAILED", failure: event.failure, endedAtMs: timeMs });
    case "execution.cancelled":
      return end(execution, { status: "CANCELLED", reason: event.reason, endedAtMs: timeMs });
    default:
      return evolveStep(execution, event, timeMs);
  }
}

type StepEvent = Extract<Event, { readonly step: string }>;

function evolveStep(execution: Execution, event: StepEvent, timeMs: number): readonly Effect[] {
  const found = findStep(execution, event.step);
  if (!found) throw new Error(`${execution.id}: the workflow has no step ${event.step}`);
  const { index, step, run } = found;
  switch (event.kind) {
    case "step.queued":
      return queue(run);
    case "step.started":
      return startStep(run, event, timeMs, step.timeoutMs);
    case "step.failed_over":
      run.failovers++;
      return reopen(run, event.step, event.dueAtMs);
    case "step.interrupted":
      run.interruptions++;
      return reopen(run, event.step, timeMs);
    case "step.attempt_failed":
      run.lastFailure = event.failure;
      return none;
    case "step.retry_scheduled":
      return retryLater(run, event);
    case "step.succeeded":
      return succeed(execution, index, event, timeMs);
    case "step.failed":
      run.lastFailure = event.failure;
      return stopStep(execution, index, { status: "FAILED", failure: event.failure }, timeMs);
    case "step.cancelled":
      return stopStep(execution, index, { status: "CANCELLED" }, timeMs);
    default:
      return assertNever(event);
  }
}

function start(
  execution: Execution,
  event: Event & { kind: "execution.started" },
  timeMs: number,
): readonly Effect[] {
  const { namespace, labels, createdBy, payload } = event;
  execution.header = { namespace, labels, createdBy, input: payload, startedAtMs: timeMs };
  moveExecution(execution, { status: "RUNNING" });
  const effects: Effect[] = [];
  const { timeoutMs } = execution.workflow.definition;
  if (timeoutMs !== undefined)
    effects.push({ kind: "timer", dueAtMs: timeMs + timeoutMs, fact: { kind: "execution.timed_out" } });
  execution.workflow.plan.dependencies.forEach((dependencies, index) => {
    if (dependencies.length === 0) effects.push(makeDue(execution, index, timeMs));
  });
  return effects;
}

function makeDue(execution: Execution, index: number, dueAtMs: number): Effect {
  const run = execution.steps[index]!;
  run.state = { status: "PENDING", blockedBy: 0, dueAtMs, queued: false };
  execution.active.add(index);
  return { kind: "due", step: execution.workflow.definition.steps[index]!.id, dueAtMs };
}

function queue(run: StepRun): readonly Effect[] {
  if (run.state.status === "PENDING" || run.state.status === "RETRYING")
    run.state = { ...run.state, queued: true };
  return none;
}

function startStep(
  run: StepRun,
  event: Event & { kind: "step.started" },
  timeMs: number,
  timeoutMs: number,
): readonly Effect[] {
  const { step, attempt, send, agentId, incarnation } = event;
  const input = event.payload ?? run.input;
  if (!input) throw new Error(`step ${step} was started without an input`);
  const binding = { agentId, incarnation };
  move(run, { status: "RUNNING", binding, sentAtMs: timeMs });
  run.attempt = attempt;
  run.send = send;
  run.input = input;
  run.agentId = agentId;
  if (run.startedAtMs === 0) run.startedAtMs = timeMs;
  return [{ kind: "send", step, attempt, send, binding, input, deadlineMs: timeMs + timeoutMs }];
}

function reopen(run: StepRun, step: string, dueAtMs: number): readonly Effect[] {
  move(run, { status: "PENDING", blockedBy: 0, dueAtMs, queued: false });
  return [{ kind: "due", step, dueAtMs }];
}

function retryLater(run: StepRun, event: Event & { kind: "step.retry_scheduled" }): readonly Effect[] {
  const { step, attempt, dueAtMs } = event;
  const stop = cancelSend(run, step, "a new attempt takes its place");
  move(run, { status: "RETRYING", dueAtMs, queued: false });
  run.attempt = attempt;
  run.failovers = 0;
  return [...stop, { kind: "due", step, dueAtMs }];
}

function succeed(
  execution: Execution,
  index: number,
  event: Event & { kind: "step.succeeded" },
  timeMs: number,
): readonly Effect[] {
  const run = execution.steps[index]!;
  const effects: Effect[] = [];
  if (event.send !== run.send) effects.push(...cancelSend(run, event.step, "another agent was faster"));
  finishStep(execution, index, { status: "SUCCEEDED", output: event.payload }, timeMs);
  for (const dependent of execution.workflow.plan.dependents[index]!)
    unblock(execution, dependent, timeMs, effects);
  if (execution.unfinished === 0) effects.push({ kind: "decide", fact: { kind: "execution.finished" } });
  return effects;
}

function unblock(execution: Execution, index: number, timeMs: number, effects: Effect[]): void {
  const run = execution.steps[index]!;
  if (run.state.status !== "PENDING") return;
  const blockedBy = run.state.blockedBy - 1;
  if (blockedBy === 0) effects.push(makeDue(execution, index, timeMs));
  else run.state = { ...run.state, blockedBy };
}

function stopStep(execution: Execution, index: number, state: StepState, timeMs: number): readonly Effect[] {
  const stop = cancelSend(
    execution.steps[index]!,
    execution.workflow.definition.steps[index]!.id,
    stopReason(execution),
  );
  finishStep(execution, index, state, timeMs);
  return stop;
}

function stopReason({ cancelRequested }: Execution): string {
  return cancelRequested ? cancelRequested.reason || "the execution was cancelled" : "the execution failed";
}

/** For an agent that has answered already the shell drops it. */
function cancelSend(run: StepRun, step: string, reason: string): readonly Effect[] {
  if (run.state.status !== "RUNNING") return none;
  return [{ kind: "cancel", step, attempt: run.attempt, send: run.send, binding: run.state.binding, reason }];
}

function finishStep(execution: Execution, index: number, state: StepState, timeMs: number): void {
  const run = execution.steps[index]!;
  move(run, state);
  run.endedAtMs = timeMs;
  execution.active.delete(index);
  execution.unfinished--;
}

function end(execution: Execution, state: ExecutionState & { endedAtMs: number }): readonly Effect[] {
  moveExecution(execution, state);
  return [{ kind: "ended", status: state.status, endedAtMs: state.endedAtMs }];
}

function move(run: StepRun, to: StepState): void {
  if (!stepTransitions[run.state.status].includes(to.status))
    throw new Error(`illegal transition of a step: ${run.state.status} → ${to.status}`);
  run.state = to;
}

function moveExecution(execution: Execution, to: ExecutionState): void {
  if (!executionTransitions[execution.state.status].includes(to.status))
    throw new Error(`illegal transition of an execution: ${execution.state.status} → ${to.status}`);
  execution.state = to;
}
