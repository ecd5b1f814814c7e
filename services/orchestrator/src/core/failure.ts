/** The names of the gRPC status codes but OK, in the order of their numbers, which begin at 1. */
export const failureCodes = [
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

export type FailureCode = (typeof failureCodes)[number];

/** Why a step or an execution did not succeed. */
export type Failure = {
  readonly code: FailureCode;
  readonly message: string;
  /** Whether another attempt may succeed. Absent: decided by the code. */
  readonly retryable?: boolean;
  /** The earliest next attempt, counted from the failure. */
  readonly retryAfterMs?: number;
  /** A stable word for programs, where the code does not say it all. */
  readonly reason?: string;
  /** The step that failed, on an execution's failure. */
  readonly stepId?: string;
};

// CANCELLED is not among them: what was stopped on purpose is not tried again.
const retryableCodes: ReadonlySet<string> = new Set<FailureCode>([
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "RESOURCE_EXHAUSTED",
  "ABORTED",
  "UNKNOWN",
  "INTERNAL",
]);

const knownCodes: ReadonlySet<string> = new Set(failureCodes);

/** Whether the text names a code. */
export function isFailureCode(text: string): text is FailureCode {
  return knownCodes.has(text);
}

/** Whether failures with this code are worth another attempt, when nobody who knows says otherwise. */
export function isRetryableCode(code: FailureCode): boolean {
  return retryableCodes.has(code);
}

const messageLengthMax = 2_000;
const reasonLengthMax = 100;

/** A failure that comes from outside: a code by its number, and whatever text. */
export type ForeignFailure = {
  readonly code: number;
  readonly message: string;
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Empty: none. */
  readonly reason: string;
};

/** An unknown code is UNKNOWN, and long text is cut. */
export function failureFromOutside(foreign: ForeignFailure): Failure {
  const { code, message, retryable, retryAfterMs, reason } = foreign;
  return {
    code: failureCodes[code - 1] ?? "UNKNOWN",
    message: message.slice(0, messageLengthMax),
    ...(retryable === undefined ? {} : { retryable }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(reason === "" ? {} : { reason: reason.slice(0, reasonLengthMax) }),
  };
}
