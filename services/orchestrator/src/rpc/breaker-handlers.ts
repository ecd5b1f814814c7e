import {
  CircuitBreakerState,
  type ListCircuitBreakersRequest,
  type OrchestratorService,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { Handlers } from "@weft/runtime/grpc";
import type { BreakerQuery } from "../app/circuit-breakers.ts";
import { breakerMessage } from "./breaker-messages.ts";
import { watchBreakers } from "./breaker-watches.ts";
import { namespaceOf } from "./namespaces.ts";
import { openShard, type ShardPort } from "./open-shard.ts";
import { pageSizeOf, pageTokenOf, partsOfToken } from "./paging.ts";
import { accepted, badRequest } from "./rejection-codes.ts";

type BreakerMethods =
  | "listCircuitBreakers"
  | "getCircuitBreaker"
  | "resetCircuitBreaker"
  | "watchCircuitBreakers";

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
    watchCircuitBreakers(request, stream) {
      watchBreakers(openShard(port).breakers, replica, namespaceOf(request), stream);
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
