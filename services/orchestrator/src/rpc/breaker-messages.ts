import { create } from "@bufbuild/protobuf";
import {
  type CircuitBreaker as BreakerMessage,
  type CircuitBreakerChange as ChangeMessage,
  CircuitBreakerChangeSchema,
  CircuitBreakerReason,
  CircuitBreakerSchema,
  CircuitBreakerState,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { BreakerChange } from "../app/breaker-changes.ts";
import type { CircuitBreaker, Watched } from "../app/circuit-breaker.ts";
import { timestampOf } from "./time.ts";

export function breakerMessage(breaker: CircuitBreaker, replica: string): BreakerMessage {
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
    lastFailureCode: breaker.lastFailureCode ?? "",
  });
}

export function changeMessage(
  { breaker, from, reason, timeMs }: BreakerChange,
  replica: string,
): ChangeMessage {
  const time = timestampOf(timeMs);
  return create(CircuitBreakerChangeSchema, {
    breaker: breakerMessage(breaker, replica),
    from: CircuitBreakerState[from],
    reason: CircuitBreakerReason[reason],
    ...(time ? { time } : {}),
  });
}

function watchedMessage(watched: Watched) {
  if (watched.kind === "agent") {
    const { agentId, capability } = watched;
    return { case: "agent", value: { agentId, capability } } as const;
  }
  return { case: "step", value: { workflow: watched.workflow, stepId: watched.step } } as const;
}
