import { Code, RpcError } from "@weft/runtime/grpc";
import { isRejection, type LocatedProblem, type Rejection, type RejectionReason } from "../core/rejection.ts";

/** The one place that turns reasons into status codes. */
const codes: { readonly [reason in RejectionReason]: Code } = {
  DEFINITION_INVALID: Code.INVALID_ARGUMENT,
  REQUEST_INVALID: Code.INVALID_ARGUMENT,
  WORKFLOW_NOT_FOUND: Code.NOT_FOUND,
  WORKFLOW_VERSION_EXISTS: Code.ALREADY_EXISTS,
  EXECUTION_NOT_FOUND: Code.NOT_FOUND,
  EXECUTION_ENDED: Code.FAILED_PRECONDITION,
  REQUEST_ID_REUSED: Code.ALREADY_EXISTS,
  STEP_NOT_WAITING: Code.FAILED_PRECONDITION,
  TOKEN_INVALID: Code.INVALID_ARGUMENT,
  BREAKER_NOT_FOUND: Code.NOT_FOUND,
  QUARANTINED: Code.FAILED_PRECONDITION,
  TOO_MANY_EXECUTIONS: Code.RESOURCE_EXHAUSTED,
  TOO_MANY_DEFINITIONS: Code.RESOURCE_EXHAUSTED,
  NO_ROOM: Code.RESOURCE_EXHAUSTED,
  NOT_WRITABLE: Code.UNAVAILABLE,
};

export function rpcErrorOf({ reason, message, problems, retryAfterMs }: Rejection): RpcError {
  return new RpcError(codes[reason], message, {
    reason,
    ...(problems ? { violations: problems.map(violationOf) } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Throws the rejection as its status, or hands on what was asked for. */
export function accepted<T>(outcome: T | Rejection): T {
  if (isRejection(outcome)) throw rpcErrorOf(outcome);
  return outcome;
}

/** A request that is refused before it reaches the app. */
export function badRequest(problems: readonly LocatedProblem[]): RpcError {
  return rpcErrorOf({
    kind: "rejection",
    reason: "REQUEST_INVALID",
    message: "the request has bad fields",
    problems,
  });
}

function violationOf({ field, message, line }: LocatedProblem): { field: string; description: string } {
  return { field, description: line === undefined ? message : `${message} (line ${line})` };
}
