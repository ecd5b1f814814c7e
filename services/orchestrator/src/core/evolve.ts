import { assertNever } from "./assert-never.ts";
import type { Effect } from "./effect.ts";
import { effects, extensions, queueTimer, stepEffects, stepIdAt } from "./effects.ts";
import type { Event, RecordedEvent } from "./event.ts";
import {
  type Execution,
  type ExecutionState,
  executionTransitions,
  findStep,
  isQueued,
  isSpent,
  outcomeOf,
  type StepRun,
  type StepState,
  stepTransitions,
} from "./execution.ts";
import { countEnded, joinIn, verdictOf } from "./join.ts";
import { bytesOf } from "./json.ts";

const none: readonly Effect[] = [];

/**
 * Applies a fact, in place, and yields what it newly makes due: O(out-degree), never O(steps).
 * Holds no rule, so that events of an older release replay the same under a newer one.
 */
export function evolve(execution: Execution, { event, sequence, timeMs }: RecordedEvent): readonly Effect[] {
  if (sequence !== execution.sequence + 1)
    throw new Error(`${execution.id}: event ${sequence} follows event ${execution.sequence}`);
  execution.sequence = sequence;
  if ("payload" in event && event.payload) execution.payloadBytes += bytesOf(event.payload);
  switch (event.kind) {
    case "execution.started":
      return start(execution, event, timeMs);
    case "execution.cancel_requested":
      execution.cancelRequested = { reason: event.reason };
      return none;
    case "execution.paused":
      return pause(execution, event, timeMs);
    case "execution.resumed":
      return resume(execution, timeMs);
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
type Kind<K extends Event["kind"]> = Extract<Event, { readonly kind: K }>;

function evolveStep(execution: Execution, event: StepEvent, timeMs: number): readonly Effect[] {
  const found = findStep(execution, event.step);
  if (!found) throw new Error(`${execution.id}: the workflow has no step ${event.step}`);
  const { index, run } = found;
  switch (event.kind) {
    case "step.queued":
      return queue(execution, index, timeMs);
    case "step.started":
      return startStep(execution, index, event, timeMs);
    case "step.failed_over":
      return failOver(execution, index, event.dueAtMs, timeMs);
    case "step.interrupted":
      run.interruptions++;
      run.queueDeadlineMs = undefined;
      return reopen(execution, index, timeMs);
    case "step.attempt_failed":
      run.lastFailure = event.failure;
      return none;
    case "step.retry_scheduled":
      return retryLater(execution, index, event);
    case "step.waiting":
      return putOff(execution, index);
    case "step.succeeded":
      return succeed(execution, index, event, timeMs);
    case "step.succeeded_late":
      run.lateSuccess = { attempt: event.attempt, send: event.send };
      return none;
    case "step.failed":
      return fail(execution, index, event, timeMs);
    case "step.skipped":
      return finishStep(execution, index, { status: "SKIPPED", cause: event.cause }, timeMs);
    case "step.cancelled":
      return stopStep(execution, index, { status: "CANCELLED" }, timeMs, cancelReason(execution));
    default:
      return assertNever(event);
  }
}

function start(execution: Execution, event: Kind<"execution.started">, timeMs: number): readonly Effect[] {
  const { namespace, labels, createdBy, payload, vars } = event;
  execution.header = {
    namespace,
    labels,
    createdBy,
    input: payload,
    ...(vars ? { vars } : {}),
    startedAtMs: timeMs,
  };
  const { definition, plan } = execution.workflow;
  if (definition.timeoutMs !== undefined) execution.deadlineMs = timeMs + definition.timeoutMs;
  moveExecution(execution, { status: "RUNNING" });
  plan.dependencies.forEach((dependencies, index) => {
    if (dependencies.length === 0) makeDue(execution, index, timeMs);
  });
  return effects(execution);
}

/** What is due stays due and is asked for again by `resume`. Running attempts go on without a deadline. */
function pause(
  execution: Execution,
  { reason, requestedBy }: Kind<"execution.paused">,
  timeMs: number,
): readonly Effect[] {
  moveExecution(execution, { status: "PAUSED", sinceMs: timeMs, reason, requestedBy });
  return extensions(execution);
}

/** Every deadline moves by as long as the pause took. */
function resume(execution: Execution, timeMs: number): readonly Effect[] {
  const pausedMs = execution.state.status === "PAUSED" ? Math.max(0, timeMs - execution.state.sinceMs) : 0;
  moveExecution(execution, { status: "RUNNING" });
  if (execution.deadlineMs !== undefined) execution.deadlineMs += pausedMs;
  for (const index of execution.active) {
    const run = execution.steps[index]!;
    if (run.queueDeadlineMs !== undefined) run.queueDeadlineMs += pausedMs;
    if (run.state.status === "RUNNING" || run.state.status === "WAITING")
      run.state = { ...run.state, deadlineMs: run.state.deadlineMs + pausedMs };
  }
  return [...effects(execution).filter(({ kind }) => kind !== "send"), ...extensions(execution)];
}

function makeDue(execution: Execution, index: number, dueAtMs: number): void {
  execution.steps[index]!.state = { status: "PENDING", isDue: true, dueAtMs, queued: false };
  execution.active.add(index);
}

function queue(execution: Execution, index: number, timeMs: number): readonly Effect[] {
  const run = execution.steps[index]!;
  if (isQueued(run)) return none;
  if (run.state.status === "RETRYING" || (run.state.status === "PENDING" && run.state.isDue))
    run.state = { ...run.state, queued: true };
  return startQueueTimeout(execution, index, timeMs) ? queueTimer(execution, index) : none;
}

/** From the first time that the attempt has had to wait; false when it runs already, or never does. */
function startQueueTimeout(execution: Execution, index: number, timeMs: number): boolean {
  const run = execution.steps[index]!;
  const { queueTimeoutMs } = execution.workflow.definition.steps[index]!;
  if (queueTimeoutMs === undefined || run.queueDeadlineMs !== undefined) return false;
  const { state } = execution;
  run.queueDeadlineMs = (state.status === "PAUSED" ? state.sinceMs : timeMs) + queueTimeoutMs;
  return true;
}

function startStep(
  execution: Execution,
  index: number,
  event: Kind<"step.started">,
  timeMs: number,
): readonly Effect[] {
  const run = execution.steps[index]!;
  const { step, attempt, send, agentId, incarnation } = event;
  const input = event.payload ?? run.input;
  if (!input) throw new Error(`step ${step} was started without an input`);
  const deadlineMs = timeMs + execution.workflow.definition.steps[index]!.timeoutMs;
  move(run, { status: "RUNNING", binding: { agentId, incarnation }, deadlineMs });
  run.attempt = attempt;
  run.send = send;
  run.input = input;
  run.agentId = agentId;
  if (run.startedAtMs === 0) run.startedAtMs = timeMs;
  return stepEffects(execution, index);
}

function failOver(execution: Execution, index: number, dueAt: number, timeMs: number): readonly Effect[] {
  execution.steps[index]!.failovers++;
  startQueueTimeout(execution, index, timeMs);
  return reopen(execution, index, dueAt);
}

function reopen(execution: Execution, index: number, dueAtMs: number): readonly Effect[] {
  move(execution.steps[index]!, { status: "PENDING", isDue: true, dueAtMs, queued: false });
  return stepEffects(execution, index);
}

function retryLater(
  execution: Execution,
  index: number,
  { attempt, dueAtMs }: Kind<"step.retry_scheduled">,
): readonly Effect[] {
  const run = execution.steps[index]!;
  const stop = cancelSend(execution, index, "a new attempt takes its place");
  move(run, { status: "RETRYING", dueAtMs, queued: false });
  run.attempt = attempt;
  run.failovers = 0;
  run.queueDeadlineMs = undefined;
  return [...stop, ...stepEffects(execution, index)];
}

/** No agent holds it any more, and its deadline stays. */
function putOff(execution: Execution, index: number): readonly Effect[] {
  const run = execution.steps[index]!;
  if (run.state.status !== "RUNNING") throw new Error("only a running step can wait to be completed");
  move(run, { status: "WAITING", deadlineMs: run.state.deadlineMs });
  return stepEffects(execution, index);
}

function succeed(
  execution: Execution,
  index: number,
  event: Kind<"step.succeeded">,
  timeMs: number,
): readonly Effect[] {
  const stop =
    event.send === execution.steps[index]!.send
      ? none
      : cancelSend(execution, index, "another agent was faster");
  const next = finishStep(execution, index, { status: "SUCCEEDED", output: event.payload }, timeMs);
  return stop.length === 0 ? next : [...stop, ...next];
}

function fail(
  execution: Execution,
  index: number,
  { step, failure }: Kind<"step.failed">,
  timeMs: number,
): readonly Effect[] {
  execution.steps[index]!.lastFailure = failure;
  if (!execution.workflow.definition.steps[index]!.optional)
    execution.failure ??= { ...failure, stepId: step };
  return stopStep(execution, index, { status: "FAILED", failure }, timeMs, "the step failed");
}

function stopStep(
  execution: Execution,
  index: number,
  state: StepState,
  timeMs: number,
  reason: string,
): readonly Effect[] {
  const stop = cancelSend(execution, index, reason);
  return [...stop, ...finishStep(execution, index, state, timeMs)];
}

function cancelReason({ cancelRequested }: Execution): string {
  return cancelRequested ? cancelRequested.reason || "the execution was cancelled" : "the execution failed";
}

/** For an agent that has answered already the shell drops it. */
function cancelSend(execution: Execution, index: number, reason: string): readonly Effect[] {
  const { state, attempt, send } = execution.steps[index]!;
  if (state.status !== "RUNNING") return none;
  const step = stepIdAt(execution, index);
  return [{ kind: "cancel", step, attempt, send, binding: state.binding, reason }];
}

/** A step has ended: whatever waited for it is looked at, or, when nothing is left to do, the execution. */
function finishStep(
  execution: Execution,
  index: number,
  state: StepState,
  timeMs: number,
): readonly Effect[] {
  const run = execution.steps[index]!;
  move(run, state);
  run.endedAtMs = timeMs;
  execution.active.delete(index);
  execution.unfinished--;
  if (execution.workflow.survivesFailure[index]) execution.unfinishedSurvivors--;
  if (isSpent(execution)) return [{ kind: "decide", fact: { kind: "execution.finished" } }];
  const effects: Effect[] = [];
  for (const dependent of execution.workflow.plan.dependents[index]!)
    effects.push(...settle(execution, dependent, index, timeMs));
  return effects;
}

/** One dependency of a step has ended. */
function settle(execution: Execution, index: number, ended: number, timeMs: number): readonly Effect[] {
  const run = execution.steps[index]!;
  if (run.state.status !== "PENDING" || run.state.isDue) return none;
  const { definition } = execution.workflow;
  const { id, join } = definition.steps[index]!;
  const outcome = outcomeOf(execution.steps[ended]!.state, definition.steps[ended]!);
  const dependencies = countEnded(run.state.dependencies, outcome);
  run.state = { ...run.state, dependencies };
  switch (verdictOf(joinIn(definition.mode, join), dependencies).kind) {
    case "wait":
      return none;
    case "start":
      makeDue(execution, index, timeMs);
      return stepEffects(execution, index);
    case "skip":
      return [{ kind: "decide", fact: { kind: "step.unreachable", step: id } }];
  }
}

/** A step that has just become due ends with its execution, like those that never were. */
function end(execution: Execution, state: ExecutionState & { endedAtMs: number }): readonly Effect[] {
  moveExecution(execution, state);
  execution.active.clear();
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
