import { create } from "@bufbuild/protobuf";
import type { Code } from "@weft/proto/google/rpc/code_pb";
import { type Failure as FailureMessage, FailureSchema } from "@weft/proto/weft/workflow/v1/payload_pb";
import { type Failure, failureCodes, failureFromOutside } from "../core/failure.ts";
import { durationOf, msOfDuration } from "./time.ts";

export function failureMessage(failure: Failure): FailureMessage {
  const { code, message, retryable, retryAfterMs, reason, stepId } = failure;
  return create(FailureSchema, {
    code: (failureCodes.indexOf(code) + 1) as Code,
    message,
    ...(retryable === undefined ? {} : { retryable }),
    ...(retryAfterMs === undefined ? {} : { retryAfter: durationOf(retryAfterMs) }),
    reason: reason ?? "",
    stepId: stepId ?? "",
  });
}

export function failureOf({ code, message, retryable, retryAfter, reason }: FailureMessage): Failure {
  return failureFromOutside({ code, message, retryable, retryAfterMs: msOfDuration(retryAfter), reason });
}
