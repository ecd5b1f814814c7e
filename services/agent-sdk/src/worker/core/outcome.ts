import { assertNever } from "./assert-never.ts";

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

/** How a run ended. `later`: with nothing yet, and somebody else completes the step. */
export type Outcome =
  | { readonly status: "succeeded"; readonly output: Uint8Array }
  | { readonly status: "failed"; readonly failure: Failure }
  | { readonly status: "later" };

export const later: Outcome = { status: "later" };

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

/** For whoever can't wait for a completion: a caller of Execute, an orchestrator from before there was "later". */
export function laterUnsupported(who: string): Failure {
  return {
    code: "FAILED_PRECONDITION",
    message: `the handler answered "later", which ${who} can't wait for; only a session's steps can be completed later`,
    reason: "LATER_UNSUPPORTED",
  };
}

/** For an orchestrator that takes smaller outputs than this agent gives. */
export function outputTooLarge(bytes: number, bytesMax: number): Failure {
  return {
    code: "OUT_OF_RANGE",
    message: `the output has ${bytes} bytes; the orchestrator's limit (payloadBytesMax) is ${bytesMax}. Pass large data by reference`,
    retryable: false,
    reason: "PAYLOAD_TOO_LARGE",
  };
}

/** What keeping an outcome costs, for the bound on kept results. */
export function outcomeBytes(outcome: Outcome): number {
  switch (outcome.status) {
    case "succeeded":
      return outcome.output.byteLength;
    case "failed":
      return outcome.failure.message.length * 2;
    case "later":
      return 0;
    default:
      return assertNever(outcome);
  }
}
