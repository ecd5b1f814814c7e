import { type JsonValue, toJson } from "@bufbuild/protobuf";
import { type ExecutionEvent, ExecutionEventSchema } from "@weft/proto/weft/events/v1/events_pb";
import type { Publication } from "@weft/runtime/event-bus";
import type { RoutedEvent } from "../app/log-feed.ts";
import type { RelayForm } from "../app/relay.ts";
import type { Event } from "../core/event.ts";
import { executionEventMessage, stubMessage } from "./execution-events.ts";

/** Stands for a namespace or a workflow that the log does not tell. No name has an underscore. */
const unknownToken = "_unknown";

/** The events of a log as they go on the bus. */
export function publicationsOf(shard: number, logId: string): RelayForm {
  const publish = (routed: RoutedEvent, message: ExecutionEvent, extensions = {}): Publication => {
    const { namespace, workflow, kind, position, executionId, timeMs } = routed;
    const id = `${shard}/${position}`;
    return {
      channel: `weft.events.${namespace || unknownToken}.${workflow || unknownToken}.${kind}`,
      // Positions begin anew in another log, which the bus would take for repetitions of this one.
      publicationId: `${logId}/${id}`,
      event: {
        id,
        source: `/weft/logs/${logId}`,
        type: kind,
        subject: executionId,
        timeMs,
        extensions,
        data: Buffer.from(JSON.stringify(toJson(ExecutionEventSchema, message) satisfies JsonValue)),
      },
    };
  };
  return {
    publication: (routed) =>
      routed.event
        ? publish(routed, executionEventMessage(shard, routed), traceOf(routed.event))
        : publish(routed, stubMessage(shard, routed), { stub: "unreadable" }),
    stub: (routed) => publish(routed, stubMessage(shard, routed), { stub: "refused" }),
  };
}

/** The trace of an execution, where it has one: whoever acts on its start goes on with it. */
function traceOf(event: Event): Readonly<Record<string, string>> {
  if (event.kind !== "execution.started" || !event.traceparent) return {};
  const { traceparent, tracestate } = event;
  return tracestate ? { traceparent, tracestate } : { traceparent };
}
