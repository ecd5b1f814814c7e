import { create } from "@bufbuild/protobuf";
import { type ExecutionEvent, ExecutionEventSchema } from "@weft/proto/weft/events/v1/events_pb";
import { type Event as EventMessage, EventSchema } from "@weft/proto/weft/workflow/v1/event_pb";
import { type Payload, PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import type { RoutedEvent } from "../app/log-feed.ts";
import { eventMessage } from "./events.ts";
import { digestPayload } from "./payloads.ts";
import { durationOf, timestampOf } from "./time.ts";

/** As whoever reads a whole log gets it; what this release can't read comes as a stub. */
export function executionEventMessage(shard: number, routed: RoutedEvent): ExecutionEvent {
  const { namespace, workflow, version: workflowVersion, capability, timeoutMs } = routed;
  return create(ExecutionEventSchema, {
    event: routed.event ? digestedMessage(shard, routed, routed.event) : placeMessage(shard, routed),
    namespace,
    workflow,
    workflowVersion,
    ...(capability === undefined ? {} : { capability }),
    ...(timeoutMs === undefined ? {} : { timeout: durationOf(timeoutMs) }),
  });
}

/** The event's place in the log, and nothing of what has happened. */
export function stubMessage(shard: number, routed: RoutedEvent): ExecutionEvent {
  const { namespace, workflow, version: workflowVersion } = routed;
  return create(ExecutionEventSchema, {
    event: placeMessage(shard, routed),
    namespace,
    workflow,
    workflowVersion,
  });
}

function placeMessage(
  shard: number,
  { executionId, sequence, position, timeMs, schemaVersion }: RoutedEvent,
): EventMessage {
  return create(EventSchema, {
    executionId,
    shard,
    sequence: BigInt(sequence),
    position: BigInt(position),
    time: timestampOf(timeMs)!,
    schemaVersion,
  });
}

function digestedMessage(
  shard: number,
  { executionId, digest, ...routed }: RoutedEvent,
  event: NonNullable<RoutedEvent["event"]>,
): EventMessage {
  const message = eventMessage(executionId, shard, { ...routed, event }, PayloadForm.OMIT);
  if (digest) setPayload(message, digestPayload(digest));
  return message;
}

function setPayload({ event }: EventMessage, payload: Payload): void {
  switch (event.case) {
    case "executionStarted":
    case "stepStarted":
      event.value.input = payload;
      return;
    case "executionSucceeded":
    case "stepSucceeded":
    case "stepSucceededLate":
      event.value.output = payload;
      return;
    default:
      throw new Error(`${event.case} has no payload`);
  }
}
