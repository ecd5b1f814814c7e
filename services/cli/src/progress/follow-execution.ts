import type { Event } from "@weft/proto/weft/workflow/v1/event_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import type { Clock } from "@weft/runtime/clock";
import { Code, RpcError } from "@weft/runtime/grpc";
import type { Orchestrator } from "../connection.ts";
import { type ConnectionChange, reconnecting } from "./reconnects.ts";
import { isTerminal } from "./terminal-event.ts";

/** What a reader of a stream gets: events, and when the connection goes and comes. */
export type Followed = { readonly kind: "event"; readonly event: Event } | ConnectionChange;

export type FollowTarget = {
  readonly namespace: string;
  readonly executionId: string;
  readonly afterSequence: bigint;
  readonly payloads: PayloadForm;
};

export type FollowPorts = {
  readonly orchestrator: Orchestrator;
  readonly clock: Clock;
  /** Ends the stream, as if there were no more. */
  readonly signal: AbortSignal;
};

const probeTimeoutMs = 5_000;

/**
 * The events of an execution up to its last, across broken connections: each stored event once, in order.
 * Throws a `CallError` for what trying again will not mend.
 */
export async function* followExecution(target: FollowTarget, ports: FollowPorts): AsyncGenerator<Followed> {
  const { orchestrator, clock, signal } = ports;
  let cursor = target.afterSequence;
  const { failure } = orchestrator;
  yield* reconnecting({ clock, signal, failure }, async function* (reconnects): AsyncGenerator<Followed> {
    if (reconnects.isAway) {
      // A watch says nothing until something happens: ask whether anybody is there.
      await lastSequenceOf(target, ports);
      reconnects.succeeded();
      yield { kind: "resumed" };
    }
    const request = { ...target, afterSequence: cursor, progress: true };
    for await (const { events } of orchestrator.client.watchExecution(request, { signal }))
      for (const event of events) {
        if (event.sequence > cursor) cursor = event.sequence;
        yield { kind: "event", event };
        if (isTerminal(event)) return;
      }
    // After the terminal event a watch ends at once and well; an orchestrator that stops ends it early.
    const last = await lastSequenceOf(target, ports);
    if (last !== undefined && cursor >= last) return;
    throw new RpcError(Code.UNAVAILABLE, "the stream ended early");
  });
}

/** The sequence of its last event; undefined while there may be more. */
async function lastSequenceOf(
  { namespace, executionId }: FollowTarget,
  { orchestrator, signal }: FollowPorts,
): Promise<bigint | undefined> {
  const request = { namespace, executionId, payloads: PayloadForm.OMIT };
  const { execution } = await orchestrator.client.getExecution(request, {
    signal,
    timeoutMs: probeTimeoutMs,
  });
  return execution?.endTime === undefined ? undefined : execution.lastSequence;
}
