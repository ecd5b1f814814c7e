import { create } from "@bufbuild/protobuf";
import {
  type CircuitBreaker as BreakerMessage,
  CircuitBreakerSchema,
  CircuitBreakerState,
  type ListCircuitBreakersRequest,
  type OrchestratorService,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { Handlers } from "@weft/runtime/grpc";
import type { CircuitBreaker, Watched } from "../app/circuit-breaker.ts";
import type { BreakerQuery } from "../app/circuit-breakers.ts";
import { namespaceOf } from "./namespaces.ts";
import { openShard, type ShardPort } from "./open-shard.ts";
import { pageSizeOf, pageTokenOf, partsOfToken } from "./paging.ts";
import { accepted, badRequest } from "./rejection-codes.ts";
import { timestampOf } from "./time.ts";

type BreakerMethods = "listCircuitBreakers" | "getCircuitBreaker" | "resetCircuitBreaker";

/** What is left alone for a while, and how to end that. */
export function breakerHandlers(
  port: ShardPort,
  replica: string,
): Pick<Handlers<typeof OrchestratorService>, BreakerMethods> {
  return {
    listCircuitBreakers(request) {
      const query = queryOf(request);
      const page = openShard(port).breakers.list(query);
      const last = page.length < query.limit ? undefined : page.at(-1);
      return {
        breakers: page.map((breaker) => breakerMessage(breaker, replica)),
        nextPageToken: last ? pageTokenOf([last.name]) : "",
      };
    },
    getCircuitBreaker(request) {
      const { breakers } = openShard(port);
      const breaker = accepted(breakers.get(namespaceOf(request), request.name));
      return { breaker: breakerMessage(breaker, replica) };
    },
    resetCircuitBreaker(request) {
      const { breakers } = openShard(port);
      const breaker = accepted(breakers.reset(namespaceOf(request), request.name));
      return { breaker: breakerMessage(breaker, replica) };
    },
  };
}

const stateNames = ["CLOSED", "OPEN", "HALF_OPEN"] as const;

function queryOf(request: ListCircuitBreakersRequest): BreakerQuery {
  const states = request.states.map((state, index) => {
    const name = stateNames.find((each) => CircuitBreakerState[each] === state);
    if (name) return name;
    throw badRequest([{ field: `states[${index}]`, message: "is not a state" }]);
  });
  const [afterName] = partsOfToken(request.pageToken, 1) ?? [""];
  return {
    namespace: namespaceOf(request),
    states: states.length === 0 ? undefined : states,
    afterName: String(afterName),
    limit: pageSizeOf(request.pageSize),
  };
}

function breakerMessage(breaker: CircuitBreaker, replica: string): BreakerMessage {
  const openTime = timestampOf(breaker.openedAtMs ?? 0);
  const nextProbeTime = timestampOf(breaker.nextProbeAtMs ?? 0);
  return create(CircuitBreakerSchema, {
    name: breaker.name,
    watched: watchedMessage(breaker.watched),
    state: CircuitBreakerState[breaker.state],
    failuresInARow: breaker.failuresInARow,
    recentOutcomes: breaker.recentOutcomes,
    recentFailures: breaker.recentFailures,
    ...(openTime ? { openTime } : {}),
    ...(nextProbeTime ? { nextProbeTime } : {}),
    replica,
  });
}

function watchedMessage(watched: Watched) {
  if (watched.kind === "agent") {
    const { agentId, capability } = watched;
    return { case: "agent", value: { agentId, capability } } as const;
  }
  return { case: "step", value: { workflow: watched.workflow, stepId: watched.step } } as const;
}
