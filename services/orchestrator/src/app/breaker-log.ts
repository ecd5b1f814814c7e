import type { Logger } from "@weft/runtime/logger";
import { assertNever } from "../core/assert-never.ts";
import type { CircuitBreaker } from "./circuit-breakers.ts";

/** Tells operators that a breaker has changed: what is left alone, why, and until when. */
export function logBreaker(logger: Logger, breaker: CircuitBreaker): void {
  const { name, watched, state, failuresInARow, recentFailures, recentOutcomes, nextProbeAtMs } = breaker;
  const namespace = watched.kind === "step" ? { namespace: watched.namespace } : {};
  const fields = { breaker: name, ...namespace };
  switch (state) {
    case "OPEN": {
      const nextProbeTime = nextProbeAtMs === undefined ? undefined : new Date(nextProbeAtMs).toISOString();
      const counts = { failuresInARow, recentFailures, recentOutcomes };
      return logger.warn({ ...fields, ...counts, nextProbeTime }, "circuit breaker opened");
    }
    case "HALF_OPEN":
      return logger.info(fields, "circuit breaker lets a probe through");
    case "CLOSED":
      return logger.info(fields, "circuit breaker closed");
    default:
      return assertNever(state);
  }
}
