import { type Event, SkipCause } from "@weft/proto/weft/workflow/v1/event_pb";
import { failureText } from "./failure-text.ts";
import type { Style } from "./paint.ts";
import { durationText, msOf } from "./time.ts";

/** An event in words. `subject` is the step; empty when it concerns the execution as a whole. */
export type EventText = { readonly subject: string; readonly text: string; readonly style?: Style };

/** Says what happened, as a sentence without its subject. */
export function eventText({ event, time }: Event): EventText {
  switch (event.case) {
    case "executionStarted": {
      const { workflow, workflowVersion, createdBy } = event.value;
      const by = createdBy === "" ? "" : ` by ${createdBy}`;
      return { subject: "", text: `${workflow} v${workflowVersion} started${by}`, style: "bold" };
    }
    case "executionCancelRequested": {
      const { reason, requestedBy } = event.value;
      const text = `cancel requested by ${requestedBy}${because(reason)}`;
      return { subject: "", text, style: "yellow" };
    }
    case "executionPaused": {
      const { reason, requestedBy } = event.value;
      return { subject: "", text: `paused by ${requestedBy}${because(reason)}`, style: "yellow" };
    }
    case "executionResumed":
      return { subject: "", text: `resumed by ${event.value.requestedBy}` };
    case "executionTimedOut":
      return { subject: "", text: "ran out of time", style: "red" };
    case "executionSucceeded":
      return { subject: "", text: "succeeded", style: "green" };
    case "executionFailed":
      return { subject: "", text: failedText(event.value.failure), style: "red" };
    case "executionCancelled":
      return { subject: "", text: `cancelled${because(event.value.reason)}`, style: "yellow" };
    case undefined:
      return { subject: "", text: "something that this version of weft does not know", style: "dim" };
    default:
      return { subject: event.value.stepId, ...stepText(event, msOf(time) ?? 0) };
  }
}

type StepEvent = Extract<Event["event"], { readonly value: { readonly stepId: string } }>;

function stepText(event: StepEvent, timeMs: number): { readonly text: string; readonly style?: Style } {
  switch (event.case) {
    case "stepQueued":
      return { text: "waits for an agent", style: "yellow" };
    case "stepStarted": {
      const { attempt, agentId } = event.value;
      return { text: `${attempt > 1 ? `attempt ${attempt} ` : ""}runs on ${agentId}` };
    }
    case "stepFailedOver": {
      const { agentId, reason } = event.value;
      return { text: `goes to another agent: ${agentId} did not take it${because(reason)}`, style: "yellow" };
    }
    case "stepInterrupted": {
      const { agentId, reason } = event.value;
      return { text: `interrupted: ${agentId} was lost${because(reason)}`, style: "yellow" };
    }
    case "stepAttemptFailed": {
      const { attempt, failure } = event.value;
      return { text: `attempt ${attempt} ${failedText(failure)}`, style: "red" };
    }
    case "stepRetryScheduled": {
      const { attempt, dueTime } = event.value;
      return {
        text: `attempt ${attempt} in ${durationText((msOf(dueTime) ?? timeMs) - timeMs)}`,
        style: "yellow",
      };
    }
    case "stepWaiting":
      return { text: "answered later: waits to be completed", style: "yellow" };
    case "stepSucceeded":
      return { text: "succeeded", style: "green" };
    case "stepSucceededLate":
      return { text: "succeeded, too late to count", style: "yellow" };
    case "stepFailed":
      return { text: failedText(event.value.failure), style: "red" };
    case "stepSkipped":
      return { text: `skipped: ${skipText(event.value.cause)}`, style: "dim" };
    case "stepCancelled":
      return { text: "cancelled", style: "yellow" };
    case "stepProgressed": {
      const { fraction, message } = event.value;
      return { text: `${Math.round(fraction * 100)} % ${message}`.trimEnd(), style: "dim" };
    }
  }
}

function failedText(failure: Parameters<typeof failureText>[0]): string {
  return `failed: ${failureText(failure)}`;
}

function because(reason: string): string {
  return reason === "" ? "" : `: ${reason}`;
}

/** Why a step was skipped, in words. */
export function skipText(cause: SkipCause): string {
  switch (cause) {
    case SkipCause.CONDITION:
      return "its condition was false";
    case SkipCause.UPSTREAM:
      return "needs a step that did not succeed";
    default:
      return "for a reason that this version of weft does not know";
  }
}
