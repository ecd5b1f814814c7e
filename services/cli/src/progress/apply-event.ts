import type { Event } from "@weft/proto/weft/workflow/v1/event_pb";
import { skipText } from "../render/event-text.ts";
import { failureText } from "../render/failure-text.ts";
import { msOf } from "../render/time.ts";
import {
  type ExecutionState,
  type ExecutionView,
  hasEnded,
  type StepState,
  type StepView,
} from "./execution-view.ts";

/** Brings the view up to an event. Events that this version does not know change nothing. */
export function applyEvent(view: ExecutionView, { event, time }: Event): void {
  const timeMs = msOf(time) ?? 0;
  switch (event.case) {
    case "executionStarted":
      view.workflow = event.value.workflow;
      view.version = event.value.workflowVersion;
      view.startedMs = timeMs;
      return;
    case "executionCancelRequested":
      view.state = { status: "cancelling", reason: event.value.reason };
      return;
    case "executionPaused":
      view.state = { status: "paused", reason: event.value.reason };
      return;
    case "executionResumed":
      if (view.state.status === "paused") view.state = { status: "running" };
      return;
    case "executionSucceeded":
      return end(view, { status: "succeeded" }, timeMs);
    case "executionFailed":
      return end(view, { status: "failed", failure: failureText(event.value.failure) }, timeMs);
    case "executionCancelled":
      return end(view, { status: "cancelled", reason: event.value.reason }, timeMs);
    case "executionTimedOut":
    case undefined:
      return;
    default: {
      const { stepId } = event.value;
      const step = view.steps.get(stepId) ?? unknownStep(stepId);
      view.steps.set(stepId, applyStepEvent(step, event, timeMs));
    }
  }
}

type StepEvent = Extract<Event["event"], { readonly value: { readonly stepId: string } }>;

function applyStepEvent(step: StepView, event: StepEvent, timeMs: number): StepView {
  switch (event.case) {
    case "stepQueued":
      return into(step, { status: "queued", sinceMs: timeMs });
    case "stepStarted": {
      const { attempt, agentId } = event.value;
      return { ...into(step, { status: "running", agentId }), attempt, startedMs: step.startedMs ?? timeMs };
    }
    case "stepFailedOver":
    case "stepInterrupted":
      return into(step, { status: "queued", sinceMs: timeMs });
    case "stepAttemptFailed":
      return into(step, { status: "retrying", dueMs: timeMs, failure: failureText(event.value.failure) });
    case "stepRetryScheduled":
      return retrying(step, event.value.attempt, msOf(event.value.dueTime) ?? timeMs);
    case "stepWaiting":
      return into(step, { status: "waiting", agentId: agentOf(step) });
    case "stepSucceeded":
      return into(step, { status: "succeeded", endedMs: timeMs, agentId: agentOf(step) });
    case "stepFailed":
      return into(step, { status: "failed", endedMs: timeMs, failure: failureText(event.value.failure) });
    case "stepSkipped":
      return into(step, { status: "skipped", cause: skipText(event.value.cause) });
    case "stepCancelled":
      return into(step, { status: "cancelled", endedMs: timeMs });
    case "stepSucceededLate":
      return { ...step, succeededLate: true };
    case "stepProgressed": {
      if (step.state.status !== "running") return step;
      const { fraction, message } = event.value;
      return into(step, { ...step.state, progress: { fraction, message } });
    }
  }
}

function into(step: StepView, state: StepState): StepView {
  return { ...step, state };
}

function retrying(step: StepView, attempt: number, dueMs: number): StepView {
  const failure = step.state.status === "retrying" ? step.state.failure : undefined;
  return {
    ...into(step, { status: "retrying", dueMs, ...(failure === undefined ? {} : { failure }) }),
    attempt,
  };
}

function agentOf({ state }: StepView): string {
  return state.status === "running" || state.status === "waiting" ? state.agentId : "";
}

/** Steps that have no end of their own when the execution ends were never due. */
function end(view: ExecutionView, state: ExecutionState, endedMs: number): void {
  if (hasEnded(view)) return;
  view.state = state;
  view.endedMs = endedMs;
  for (const step of view.steps.values())
    if (isOpen(step)) view.steps.set(step.id, into(step, { status: "cancelled", endedMs }));
}

const openStatuses: ReadonlySet<StepState["status"]> = new Set([
  "pending",
  "queued",
  "running",
  "retrying",
  "waiting",
]);

function isOpen({ state: { status } }: StepView): boolean {
  return openStatuses.has(status);
}

/** A step that nobody told of before its first event. */
function unknownStep(id: string): StepView {
  return { id, capability: "", attempt: 0, state: { status: "pending" } };
}
