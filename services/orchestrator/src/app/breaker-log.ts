import type { Logger } from "@weft/runtime/logger";
import { assertNever } from "../core/assert-never.ts";
import type { BreakerChange, BreakerSubscriber } from "./breaker-changes.ts";

/** Tells operators of each breaker that changes: what is left alone, why, and until when. */
export function logBreakers(logger: Logger): BreakerSubscriber {
  return { changed: (change) => logChange(logger, change) };
}

function logChange(logger: Logger, { breaker, reason }: BreakerChange): void {
  const { name, watched, state, lastFailureCode, nextProbeAtMs } = breaker;
  const namespace = watched.kind === "step" ? { namespace: watched.namespace } : {};
  const fields = { breaker: name, ...namespace, reason };
  switch (state) {
    case "OPEN": {
      const { failuresInARow, recentFailures, recentOutcomes } = breaker;
      const nextProbeTime = nextProbeAtMs === undefined ? undefined : new Date(nextProbeAtMs).toISOString();
      const counts = { failuresInARow, recentFailures, recentOutcomes };
      return logger.warn({ ...fields, ...counts, lastFailureCode, nextProbeTime }, "circuit breaker opened");
    }
    case "HALF_OPEN":
      return logger.info(fields, "circuit breaker lets a probe through");
    case "CLOSED":
      return logger.info(fields, "circuit breaker closed");
    default:
      return assertNever(state);
  }
}
