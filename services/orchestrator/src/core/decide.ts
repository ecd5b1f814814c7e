import { assertNever } from "./assert-never.ts";
import type { Event, SendRef } from "./event.ts";
import { dueAtMs, type Execution, findStep, hasEnded, type StepRun } from "./execution.ts";
import type { Failure } from "./failure.ts";
import type { Input } from "./input.ts";
import { type Rejection, rejection } from "./rejection.ts";
import { mayRetry, retryDelayMs } from "./retry.ts";
import { renderOutput, renderStepInput } from "./scope.ts";

/** Sends that no agent took before a step slows down. */
const failoversMax = 3;
const failoverDelayMs = 1_000;
/** Agents lost under one step before it counts as the cause. */
const interruptionsMax = 3;

/** The rules of an execution. A request may be refused; late and duplicate facts change nothing. */
export function decide(execution: Execution, input: Input, nowMs: number): readonly Event[] | Rejection {
  switch (input.kind) {
    case "start":
      return execution.state.status === "PENDING" ? [started(execution, input)] : [];
    case "cancel":
      return cancel(execution, input);
    case "step.due":
      return stepDue(execution, input, nowMs);
    case "step.succeeded":
      return stepSucceeded(execution, input);
    case "step.failed":
      return ifCurrentSend(execution, input, (run) =>
        attemptFailed(execution, run, input, input.failure, nowMs),
      );
    case "step.timed_out":
      return ifCurrentSend(execution, input, (run) =>
        attemptFailed(execution, run, input, timeoutFailure(execution, input), nowMs),
      );
    case "step.rejected":
      return ifCurrentSend(execution, input, (run) => [failedOver(run, input, input.reason, nowMs)]);
    case "step.lost":
      return ifCurrentSend(execution, input, (run) =>
        interrupted(execution, run, input, input.reason, nowMs),
      );
    case "execution.timed_out":
      return execution.state.status === "RUNNING" ? timedOut(execution) : [];
    case "execution.finished":
      return execution.state.status === "RUNNING" && execution.unfinished === 0 ? [finished(execution)] : [];
    default:
      return assertNever(input);
  }
}

function started(execution: Execution, input: Input & { kind: "start" }): Event {
  const { definition } = execution.workflow;
  return {
    kind: "execution.started",
    namespace: input.namespace,
    workflow: definition.name,
    version: definition.version,
    ...(input.inline ? { definition: definition.tree } : {}),
    labels: input.labels,
    createdBy: input.createdBy,
    payload: input.payload,
  };
}

function cancel(
  execution: Execution,
  { reason, requestedBy }: Input & { kind: "cancel" },
): readonly Event[] | Rejection {
  if (execution.state.status === "CANCELLED") return [];
  if (hasEnded(execution))
    return rejection("EXECUTION_ENDED", `the execution has already ended as ${execution.state.status}`);
  return [
    { kind: "execution.cancel_requested", reason, requestedBy },
    ...cancelActive(execution),
    { kind: "execution.cancelled", reason },
  ];
}

function stepDue(execution: Execution, input: Input & { kind: "step.due" }, nowMs: number): readonly Event[] {
  const found = findStep(execution, input.step);
  if (!found || execution.state.status !== "RUNNING") return [];
  const { step, run } = found;
  const dueAt = dueAtMs(run);
  // A queued step has been due: a clock that was set back since does not make it wait again.
  if (dueAt === undefined || (dueAt > nowMs && !isQueued(run))) return [];
  const rendered = run.input ? { ok: true as const, json: run.input } : renderStepInput(execution, step);
  if (!rendered.ok) return stepFailed(execution, step.id, rendered.failure);
  if (!input.binding) return isQueued(run) ? [] : [{ kind: "step.queued", step: step.id }];
  return [
    {
      kind: "step.started",
      step: step.id,
      attempt: run.attempt,
      send: run.send + 1,
      agentId: input.binding.agentId,
      incarnation: input.binding.incarnation,
      ...(run.input ? {} : { payload: rendered.json }),
    },
  ];
}

function isQueued({ state }: StepRun): boolean {
  return (state.status === "PENDING" || state.status === "RETRYING") && state.queued;
}

/** A success from any send of the current attempt counts: the work is done, whoever did it. */
function stepSucceeded(execution: Execution, input: Input & { kind: "step.succeeded" }): readonly Event[] {
  const run = findStep(execution, input.step)?.run;
  if (!run || execution.state.status !== "RUNNING") return [];
  const { status } = run.state;
  const isOpen = status === "RUNNING" || status === "PENDING";
  const wasSent = input.attempt === run.attempt && input.send >= 1 && input.send <= run.send;
  if (!isOpen || !wasSent) return [];
  const { step, attempt, send, payload } = input;
  return [{ kind: "step.succeeded", step, attempt, send, payload }];
}

/** Anything but a success counts only from the send that is out now. */
function ifCurrentSend(
  execution: Execution,
  { step, attempt, send }: SendRef,
  then: (run: StepRun) => readonly Event[],
): readonly Event[] {
  const run = findStep(execution, step)?.run;
  if (!run || execution.state.status !== "RUNNING" || run.state.status !== "RUNNING") return [];
  return run.attempt === attempt && run.send === send ? then(run) : [];
}

function attemptFailed(
  execution: Execution,
  run: StepRun,
  { step, attempt, send }: SendRef,
  failure: Failure,
  nowMs: number,
): readonly Event[] {
  const attemptFailed: Event = { kind: "step.attempt_failed", step, attempt, send, failure };
  const { retry } = findStep(execution, step)!.step;
  if (!mayRetry(retry, run.attempt, failure)) return [attemptFailed, ...stepFailed(execution, step, failure)];
  const delayMs = retryDelayMs(retry, attempt, `${execution.id}/${step}/${attempt}`, failure);
  return [
    attemptFailed,
    {
      kind: "step.retry_scheduled",
      step,
      attempt: attempt + 1,
      dueAtMs: capByDeadline(execution, nowMs + delayMs),
    },
  ];
}

function capByDeadline({ header, workflow }: Execution, atMs: number): number {
  const { timeoutMs } = workflow.definition;
  return timeoutMs === undefined || !header ? atMs : Math.min(atMs, header.startedAtMs + timeoutMs);
}

function timeoutFailure(execution: Execution, { step, attempt }: SendRef): Failure {
  const { timeoutMs } = findStep(execution, step)!.step;
  return {
    code: "DEADLINE_EXCEEDED",
    message: `attempt ${attempt} did not end within ${timeoutMs} ms`,
    reason: "TIMEOUT",
  };
}

/** The same attempt goes elsewhere: at once at first, then slowly, since something keeps refusing it. */
function failedOver(run: StepRun, { step, attempt, send }: SendRef, reason: string, nowMs: number): Event {
  const dueAt = run.failovers < failoversMax ? nowMs : nowMs + failoverDelayMs;
  return { kind: "step.failed_over", step, attempt, send, ...boundTo(run), reason, dueAtMs: dueAt };
}

/** The first agent lost under a step spends no retry, later ones do, and the third makes the step the suspect. */
function interrupted(
  execution: Execution,
  run: StepRun,
  sent: SendRef,
  reason: string,
  nowMs: number,
): readonly Event[] {
  const { step, attempt, send } = sent;
  const interruption: Event = { kind: "step.interrupted", step, attempt, send, ...boundTo(run), reason };
  const interruptions = run.interruptions + 1;
  if (interruptions >= interruptionsMax)
    return [interruption, ...stepFailed(execution, step, poisonedFailure(interruptions))];
  if (interruptions === 1) return [interruption];
  const failure: Failure = {
    code: "UNAVAILABLE",
    message: `the agent was lost: ${reason}`,
    reason: "INTERRUPTED",
  };
  return [interruption, ...attemptFailed(execution, run, sent, failure, nowMs)];
}

function poisonedFailure(interruptions: number): Failure {
  return {
    code: "INTERNAL",
    message: `${interruptions} agents were lost while they ran this step`,
    reason: "POISONED",
    retryable: false,
  };
}

function boundTo({ state }: StepRun): { agentId: string; incarnation: string } {
  return state.status === "RUNNING" ? state.binding : { agentId: "", incarnation: "" };
}

/** A step without success ends the execution: nothing new is sent, and what runs is cancelled. */
function stepFailed(execution: Execution, stepId: string, failure: Failure): readonly Event[] {
  return [
    { kind: "step.failed", step: stepId, failure },
    ...cancelActive(execution, stepId),
    { kind: "execution.failed", failure: { ...failure, stepId } },
  ];
}

function timedOut(execution: Execution): readonly Event[] {
  const message = `the execution did not end within ${execution.workflow.definition.timeoutMs} ms`;
  return [
    { kind: "execution.timed_out" },
    ...cancelActive(execution),
    { kind: "execution.failed", failure: { code: "DEADLINE_EXCEEDED", message, reason: "TIMEOUT" } },
  ];
}

/** Steps that were never due have no event of their own: they end with the execution. */
function cancelActive(execution: Execution, exceptStep?: string): Event[] {
  const { steps } = execution.workflow.definition;
  return [...execution.active]
    .map((index) => steps[index]!.id)
    .filter((id) => id !== exceptStep)
    .map((step) => ({ kind: "step.cancelled", step }));
}

function finished(execution: Execution): Event {
  const rendered = renderOutput(execution);
  return rendered.ok
    ? { kind: "execution.succeeded", payload: rendered.json }
    : { kind: "execution.failed", failure: rendered.failure };
}
