import type { StepContext } from "../context.ts";
import { StepFailure } from "../failure.ts";
import { assertNever } from "./core/assert-never.ts";
import type { AbortCause } from "./core/effect.ts";
import { type Failure, failed, type Outcome } from "./core/outcome.ts";

export const threwMessage = "the handler threw";

/** The one place where what a handler threw becomes a failure. Stacks stay in the agent's own log. */
export function outcomeOfError(error: unknown, { signal, log }: StepContext): Outcome {
  if (error instanceof StepFailure) return failed(failureOf(error));
  // Most code that is given a signal throws an AbortError of its own: what counts is why it was aborted.
  if (signal.aborted && signal.reason instanceof StepFailure) return failed(failureOf(signal.reason));
  log.warn(threwMessage, { error });
  return failed({ code: "UNKNOWN", message: messageOf(error) });
}

/** What a handler's signal aborts with. */
export function abortReason(cause: AbortCause): StepFailure {
  switch (cause.kind) {
    case "cancelled":
      return new StepFailure("CANCELLED", cause.reason || "the step was cancelled");
    case "timed-out":
      return new StepFailure("DEADLINE_EXCEEDED", `the attempt timed out after ${cause.timeoutMs} ms`, {
        reason: "DEADLINE",
      });
    case "stopping":
      return new StepFailure("UNAVAILABLE", "the agent is stopping", { reason: "AGENT_STOPPING" });
    default:
      return assertNever(cause);
  }
}

function failureOf({ code, message, retryable, retryAfterMs, reason }: StepFailure): Failure {
  return {
    code,
    message,
    ...(retryable === undefined ? {} : { retryable }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  if (typeof error !== "object" || error === null) return String(error);
  return "message" in error && typeof error.message === "string" ? error.message : "an object was thrown";
}
