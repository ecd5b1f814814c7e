import type { FailureCode } from "./worker/core/outcome.ts";

export type { FailureCode };

/** What may be said of a failure besides its code. */
export type FailureOptions = {
  /**
   * Whether another attempt may succeed. Left out, the code decides: UNAVAILABLE, DEADLINE_EXCEEDED,
   * RESOURCE_EXHAUSTED, ABORTED, UNKNOWN and INTERNAL are tried again, the others are not.
   */
  readonly retryable?: boolean | undefined;
  /** Milliseconds from now before which another attempt makes no sense. Wins over the step's own delay. */
  readonly retryAfterMs?: number | undefined;
  /** A stable word for programs, such as "QUOTA_SPENT". */
  readonly reason?: string | undefined;
  /** What led to it, for whoever catches it in the same process. Never sent. */
  readonly cause?: unknown;
};

/**
 * Thrown by a handler to fail its step with a code of its choice. Any other error fails it as UNKNOWN,
 * with the error's message.
 *
 * It is also the reason of an aborted `signal`: code DEADLINE_EXCEEDED with reason "DEADLINE", or CANCELLED.
 *
 * @example
 * ```ts
 * throw new StepFailure("RESOURCE_EXHAUSTED", "the model's quota is spent", { retryAfterMs: 30_000 });
 * ```
 */
export class StepFailure extends Error {
  /** The google.rpc code, by name. */
  readonly code: FailureCode;
  /** Undefined: the code decides. */
  readonly retryable: boolean | undefined;
  /** Milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** A stable word for programs. */
  readonly reason: string | undefined;

  constructor(code: FailureCode, message: string, options: FailureOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "StepFailure";
    this.code = code;
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.reason = options.reason;
  }
}
