import { assertNever } from "./assert-never.ts";
import type { Failure } from "./failure.ts";

/** What the end of a call says of whoever was called. `neither`: nothing. */
export type Verdict = "succeeded" | "failed" | "neither";

/** What the SDK says of what still ran when its agent stopped. */
const stoppingReason = "AGENT_STOPPING";

/**
 * Whether a failure is hard. What an application says of its input is an answer like another; load is not
 * failure, and what was cancelled says nothing, nor does the end of an agent that stops. A deadline is the
 * caller's mistake where there was progress.
 */
export function verdictOn(failure: Pick<Failure, "code" | "reason">, madeProgress: boolean): Verdict {
  const { code, reason } = failure;
  if (reason === stoppingReason) return "neither";
  switch (code) {
    case "UNAVAILABLE":
    case "INTERNAL":
    case "UNKNOWN":
    case "DATA_LOSS":
      return "failed";
    case "DEADLINE_EXCEEDED":
      return madeProgress ? "neither" : "failed";
    case "RESOURCE_EXHAUSTED":
    case "CANCELLED":
      return "neither";
    case "INVALID_ARGUMENT":
    case "NOT_FOUND":
    case "ALREADY_EXISTS":
    case "PERMISSION_DENIED":
    case "FAILED_PRECONDITION":
    case "ABORTED":
    case "OUT_OF_RANGE":
    case "UNIMPLEMENTED":
    case "UNAUTHENTICATED":
      return "succeeded";
    default:
      return assertNever(code);
  }
}
