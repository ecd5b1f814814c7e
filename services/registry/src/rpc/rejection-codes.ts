import { Code, RpcError } from "@weft/runtime/grpc";
import type { Rejection, RejectionReason } from "../core/rejection.ts";

/** The one table from reasons to status codes. */
const codes: Readonly<Record<RejectionReason, Code>> = {
  REGISTRATION_INVALID: Code.INVALID_ARGUMENT,
  REGISTRATION_EXPECTED: Code.INVALID_ARGUMENT,
  REQUEST_INVALID: Code.INVALID_ARGUMENT,
  AGENT_NOT_FOUND: Code.NOT_FOUND,
  NOT_REGISTERED: Code.NOT_FOUND,
  NO_AGENT_OFFERS: Code.NOT_FOUND,
  NONE_READY: Code.UNAVAILABLE,
  ALL_FULL: Code.RESOURCE_EXHAUSTED,
  TOO_MANY_AGENTS: Code.RESOURCE_EXHAUSTED,
  TOO_MANY_WATCHERS: Code.RESOURCE_EXHAUSTED,
  SUPERSEDED: Code.ABORTED,
  INCARNATION_REPLACED: Code.ABORTED,
  DEREGISTERED: Code.ABORTED,
  LEASE_ENDED: Code.UNAVAILABLE,
  READER_TOO_SLOW: Code.RESOURCE_EXHAUSTED,
  STOPPING: Code.UNAVAILABLE,
};

/** A refusal as callers see it. */
export function toRpcError({ reason, message, problems, retryAfterMs }: Rejection): RpcError {
  const violations = problems.map(({ field, message: description }) => ({ field, description }));
  return new RpcError(codes[reason], message, {
    reason,
    ...(violations.length > 0 && { violations }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
