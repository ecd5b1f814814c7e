import { assertNever } from "./assert-never.ts";
import type { Effect } from "./effect.ts";
import { effects, extensions } from "./effects.ts";
import type { Event, RecordedEvent } from "./event.ts";
import { failOver, interrupt, makeDue, putOff, queueStep, retryLater, startStep } from "./evolve-attempt.ts";
import { cancelStep, failStep, skipStep, succeedStep } from "./evolve-end.ts";
import { type Execution, type ExecutionState, executionTransitions, findStep } from "./execution.ts";
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
      return queueStep(execution, index, timeMs);
    case "step.started":
      return startStep(execution, index, event, timeMs);
    case "step.failed_over":
      return failOver(execution, index, event.dueAtMs, timeMs);
    case "step.interrupted":
      return interrupt(execution, index, timeMs);
    case "step.attempt_failed":
      run.lastFailure = event.failure;
      return none;
    case "step.retry_scheduled":
      return retryLater(execution, index, event);
    case "step.waiting":
      return putOff(execution, index);
    case "step.succeeded":
      return succeedStep(execution, index, event, timeMs);
    case "step.succeeded_late":
      run.lateSuccess = { attempt: event.attempt, send: event.send };
      return none;
    case "step.failed":
      return failStep(execution, index, event, timeMs);
    case "step.skipped":
      return skipStep(execution, index, event.cause, timeMs);
    case "step.cancelled":
      return cancelStep(execution, index, timeMs);
    default:
      return assertNever(event);
  }
}

function start(execution: Execution, event: Kind<"execution.started">, timeMs: number): readonly Effect[] {
  const { namespace, labels, createdBy, payload, vars, traceparent, tracestate } = event;
  execution.header = {
    namespace,
    labels,
    createdBy,
    input: payload,
    ...(vars ? { vars } : {}),
    ...(traceparent === undefined ? {} : { trace: { traceparent, ...(tracestate ? { tracestate } : {}) } }),
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

/** A step that has just become due ends with its execution, like those that never were. */
function end(execution: Execution, state: ExecutionState & { endedAtMs: number }): readonly Effect[] {
  moveExecution(execution, state);
  execution.active.clear();
  return [{ kind: "ended", status: state.status, endedAtMs: state.endedAtMs }];
}

function moveExecution(execution: Execution, to: ExecutionState): void {
  if (!executionTransitions[execution.state.status].includes(to.status))
    throw new Error(`illegal transition of an execution: ${execution.state.status} → ${to.status}`);
  execution.state = to;
}
