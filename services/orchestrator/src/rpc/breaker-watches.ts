import type {
  CircuitBreaker as BreakerMessage,
  CircuitBreakerChange,
  WatchCircuitBreakersResponse,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { ServerStream } from "@weft/runtime/grpc";
import type { BreakerChange } from "../app/breaker-changes.ts";
import type { CircuitBreakers } from "../app/circuit-breakers.ts";
import { breakerMessage, changeMessage } from "./breaker-messages.ts";
import { stopping, tooSlow } from "./watch-ends.ts";

/** Changes that a reader may be behind before it is cut off. */
const backlogMax = 10_000;
const pageSize = 1_000;
const notClosed = ["OPEN", "HALF_OPEN"] as const;

/** What is not closed now, then what changes: nothing happens between the two. */
export function watchBreakers(
  breakers: CircuitBreakers,
  replica: string,
  namespace: string,
  stream: ServerStream<WatchCircuitBreakersResponse>,
): void {
  const write = (part: Parts): boolean =>
    stream.write({ ...blank, ...part, $typeName: "weft.orchestrator.v1.WatchCircuitBreakersResponse" });
  let afterName = "";
  let warming = true;
  while (warming) {
    const page = breakers.list({ namespace, states: notClosed, afterName, limit: pageSize });
    afterName = page.at(-1)?.name ?? "";
    warming = page.length === pageSize;
    write({ breakers: page.map((breaker) => breakerMessage(breaker, replica)), warming });
  }
  let backlog = 0;
  const unsubscribe = breakers.subscribe({
    changed(change) {
      if (!concerns(namespace, change)) return;
      backlog = write({ changes: [changeMessage(change, replica)] }) ? 0 : backlog + 1;
      if (backlog > backlogMax) stream.fail(tooSlow("watch again"));
    },
    closed: () => stream.fail(stopping()),
  });
  stream.onDrain(() => {
    backlog = 0;
  });
  stream.onClose(unsubscribe);
}

type Parts = {
  readonly breakers?: BreakerMessage[];
  readonly warming?: boolean;
  readonly changes?: CircuitBreakerChange[];
};

const blank = { breakers: [], warming: false, changes: [] };

/** Agents are nobody's own; a step is its namespace's. */
function concerns(namespace: string, { breaker: { watched } }: BreakerChange): boolean {
  return watched.kind === "agent" || watched.namespace === namespace;
}
