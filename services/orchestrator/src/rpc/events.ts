import type { MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import {
  type Event as EventMessage,
  EventSchema,
  SkipCause as SkipCauseCode,
} from "@weft/proto/weft/workflow/v1/event_pb";
import type { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import type { LoggedEvent } from "../app/history.ts";
import type { Progress } from "../app/watch-hub.ts";
import { assertNever } from "../core/assert-never.ts";
import type { Event } from "../core/event.ts";
import { schemaVersion } from "../core/event-codec.ts";
import type { SkipCause } from "../core/join.ts";
import { failureMessage } from "./failures.ts";
import { payloadOf } from "./payloads.ts";
import { timestampOf } from "./time.ts";

type Body = NonNullable<MessageInitShape<typeof EventSchema>["event"]>;

export function eventMessage(
  executionId: string,
  shard: number,
  logged: LoggedEvent,
  form: PayloadForm,
): EventMessage {
  return create(EventSchema, {
    executionId,
    shard,
    sequence: BigInt(logged.sequence),
    position: BigInt(logged.position),
    time: timestampOf(logged.timeMs)!,
    schemaVersion,
    event: bodyOf(logged.event, form),
  });
}

/** Ephemeral: it has no place in the log. */
export function progressMessage(executionId: string, shard: number, progress: Progress): EventMessage {
  const { step: stepId, fraction, message, timeMs } = progress;
  return create(EventSchema, {
    executionId,
    shard,
    time: timestampOf(timeMs)!,
    event: { case: "stepProgressed", value: { stepId, fraction, message } },
  });
}

function bodyOf(event: Event, form: PayloadForm): Body {
  switch (event.kind) {
    case "execution.started": {
      const { namespace, workflow, version: workflowVersion, labels, createdBy } = event;
      const { traceparent = "", tracestate = "" } = event;
      const of = { namespace, workflow, workflowVersion, labels: { ...labels }, createdBy };
      const value = { ...of, traceparent, tracestate };
      return {
        case: "executionStarted",
        value: { ...value, ...maybe("input", payloadOf(event.payload, form)) },
      };
    }
    case "execution.cancel_requested":
      return {
        case: "executionCancelRequested",
        value: { reason: event.reason, requestedBy: event.requestedBy },
      };
    case "execution.paused": {
      const { reason, requestedBy } = event;
      return { case: "executionPaused", value: { reason, requestedBy } };
    }
    case "execution.resumed":
      return { case: "executionResumed", value: { requestedBy: event.requestedBy } };
    case "execution.timed_out":
      return { case: "executionTimedOut", value: {} };
    case "execution.succeeded":
      return { case: "executionSucceeded", value: maybe("output", payloadOf(event.payload, form)) };
    case "execution.failed":
      return { case: "executionFailed", value: { failure: failureMessage(event.failure) } };
    case "execution.cancelled":
      return { case: "executionCancelled", value: { reason: event.reason } };
    default:
      return stepBodyOf(event, form);
  }
}

function stepBodyOf(event: Extract<Event, { readonly step: string }>, form: PayloadForm): Body {
  const stepId = event.step;
  switch (event.kind) {
    case "step.queued":
      return { case: "stepQueued", value: { stepId, held: event.held ?? false } };
    case "step.started": {
      const { attempt, send, agentId, incarnation } = event;
      const value = { stepId, attempt, send, agentId, incarnation };
      return { case: "stepStarted", value: { ...value, ...maybe("input", payloadOf(event.payload, form)) } };
    }
    case "step.failed_over":
      return { case: "stepFailedOver", value: sentOf(event) };
    case "step.interrupted":
      return { case: "stepInterrupted", value: sentOf(event) };
    case "step.attempt_failed": {
      const { attempt, send, failure } = event;
      return {
        case: "stepAttemptFailed",
        value: { stepId, attempt, send, failure: failureMessage(failure) },
      };
    }
    case "step.retry_scheduled":
      return {
        case: "stepRetryScheduled",
        value: { stepId, attempt: event.attempt, dueTime: timestampOf(event.dueAtMs)! },
      };
    case "step.waiting":
      return { case: "stepWaiting", value: { stepId, attempt: event.attempt, send: event.send } };
    case "step.succeeded":
      return { case: "stepSucceeded", value: successOf(event, form) };
    case "step.succeeded_late":
      return { case: "stepSucceededLate", value: successOf(event, form) };
    case "step.skipped":
      return { case: "stepSkipped", value: { stepId, cause: skipCauses[event.cause] } };
    case "step.failed":
      return { case: "stepFailed", value: { stepId, failure: failureMessage(event.failure) } };
    case "step.cancelled":
      return { case: "stepCancelled", value: { stepId } };
    default:
      return assertNever(event);
  }
}

export const skipCauses: { readonly [cause in SkipCause]: SkipCauseCode } = {
  condition: SkipCauseCode.CONDITION,
  upstream: SkipCauseCode.UPSTREAM,
};

type Success = Extract<Event, { readonly kind: "step.succeeded" | "step.succeeded_late" }>;

function successOf({ step: stepId, attempt, send, payload }: Success, form: PayloadForm) {
  return { stepId, attempt, send, ...maybe("output", payloadOf(payload, form)) };
}

type Sent = Extract<Event, { readonly kind: "step.failed_over" | "step.interrupted" }>;

function sentOf({ step: stepId, attempt, send, agentId, reason }: Sent) {
  return { stepId, attempt, send, agentId, reason };
}

/** exactOptionalPropertyTypes: a field that is not there must not be undefined either. */
function maybe<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [key in K]?: V };
}
