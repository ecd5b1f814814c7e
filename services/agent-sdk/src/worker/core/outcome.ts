/** google.rpc codes that a step can fail with, by name. */
export type FailureCode =
  | "CANCELLED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "UNAUTHENTICATED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DATA_LOSS";

export type Failure = {
  readonly code: FailureCode;
  readonly message: string;
  /** Undefined: decided by the code. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  readonly reason?: string;
};

/** How a run ended. */
export type Outcome =
  | { readonly status: "succeeded"; readonly output: Uint8Array }
  | { readonly status: "failed"; readonly failure: Failure };

const failureMessageLengthMax = 8_192;

export function succeeded(output: Uint8Array): Outcome {
  return { status: "succeeded", output };
}

export function failed(failure: Failure): Outcome {
  const { message } = failure;
  if (message.length <= failureMessageLengthMax) return { status: "failed", failure };
  const cut = `${message.slice(0, failureMessageLengthMax)}…`;
  return { status: "failed", failure: { ...failure, message: cut } };
}

/** What keeping an outcome costs, for the bound on kept results. */
export function outcomeBytes(outcome: Outcome): number {
  return outcome.status === "succeeded" ? outcome.output.byteLength : outcome.failure.message.length * 2;
}
