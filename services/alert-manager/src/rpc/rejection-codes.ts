import { Code, RpcError } from "@weft/runtime/grpc";
import type { Rejection, RejectionReason } from "../core/rejection.ts";

/** The one table from reasons to status codes. */
const codes: Readonly<Record<RejectionReason, Code>> = {
  ALERT_NOT_FOUND: Code.NOT_FOUND,
  NOT_FIRING: Code.FAILED_PRECONDITION,
  RECEIVER_NOT_FOUND: Code.NOT_FOUND,
  SILENCE_NOT_FOUND: Code.NOT_FOUND,
  REQUEST_ID_TAKEN: Code.ALREADY_EXISTS,
  REQUEST_INVALID: Code.INVALID_ARGUMENT,
  RULES_INVALID: Code.INVALID_ARGUMENT,
  TOO_MANY_SILENCES: Code.RESOURCE_EXHAUSTED,
  TOO_MANY_WATCHERS: Code.RESOURCE_EXHAUSTED,
  BUSY: Code.RESOURCE_EXHAUSTED,
  STOPPING: Code.UNAVAILABLE,
};

/** A refusal as callers see it. */
export function toRpcError({ reason, message, problems }: Rejection): RpcError {
  const violations = problems.map(({ field, message: description, line }) => ({
    field,
    description: line === undefined ? description : `line ${line}: ${description}`,
  }));
  return new RpcError(codes[reason], message, { reason, ...(violations.length > 0 && { violations }) });
}
