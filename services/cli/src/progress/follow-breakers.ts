import { create } from "@bufbuild/protobuf";
import {
  type CircuitBreaker,
  type CircuitBreakerChange,
  CircuitBreakerChangeSchema,
  CircuitBreakerSchema,
  CircuitBreakerState,
  type WatchCircuitBreakersResponse,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { Code, RpcError } from "@weft/runtime/grpc";
import type { FollowPorts } from "./follow-execution.ts";
import { type ConnectionChange, reconnecting } from "./reconnects.ts";

export type FollowedBreaker =
  /** Without a reason it is how the breaker was found, and not a change that was seen. */
  { readonly kind: "breaker"; readonly change: CircuitBreakerChange } | ConnectionChange;

/**
 * Breakers as they are found and as they change, across broken connections: after one, those that are in another
 * state than they were seen in. Ends with the signal alone.
 */
export async function* followBreakers(
  namespace: string,
  ports: FollowPorts,
): AsyncGenerator<FollowedBreaker> {
  const { orchestrator, clock, signal } = ports;
  const memory: Memory = { notClosed: new Map(), unconfirmed: new Set() };
  const { failure } = orchestrator;
  yield* reconnecting(
    { clock, signal, failure },
    async function* (reconnects): AsyncGenerator<FollowedBreaker> {
      memory.unconfirmed = new Set(memory.notClosed.keys());
      for await (const response of orchestrator.client.watchCircuitBreakers({ namespace }, { signal })) {
        if (reconnects.isAway) {
          reconnects.succeeded();
          yield { kind: "resumed" };
        }
        for (const change of newsIn(response, memory)) yield { kind: "breaker", change };
      }
      throw new RpcError(Code.UNAVAILABLE, "the stream ended");
    },
  );
}

type Memory = {
  /** As last seen, by name. */
  readonly notClosed: Map<string, CircuitBreaker>;
  /** Of these, those that a watch which has begun anew has not told of yet. */
  unconfirmed: Set<string>;
};

function* newsIn(
  { breakers, warming, changes }: WatchCircuitBreakersResponse,
  memory: Memory,
): Iterable<CircuitBreakerChange> {
  for (const breaker of breakers) {
    memory.unconfirmed.delete(breaker.name);
    const known = memory.notClosed.get(breaker.name)?.state;
    memory.notClosed.set(breaker.name, breaker);
    if (known !== breaker.state) yield create(CircuitBreakerChangeSchema, { breaker });
  }
  if (!warming) {
    for (const name of memory.unconfirmed) yield closedUnseen(name, memory);
    memory.unconfirmed.clear();
  }
  for (const change of changes) {
    if (change.breaker) remember(change.breaker, memory);
    yield change;
  }
}

function remember(breaker: CircuitBreaker, { notClosed }: Memory): void {
  if (breaker.state === CircuitBreakerState.CLOSED) notClosed.delete(breaker.name);
  else notClosed.set(breaker.name, breaker);
}

/** It has closed while nobody was watching. */
function closedUnseen(name: string, { notClosed }: Memory): CircuitBreakerChange {
  const { watched = { case: undefined }, replica = "" } = notClosed.get(name) ?? {};
  notClosed.delete(name);
  const breaker = create(CircuitBreakerSchema, {
    name,
    watched,
    replica,
    state: CircuitBreakerState.CLOSED,
  });
  return create(CircuitBreakerChangeSchema, { breaker });
}
