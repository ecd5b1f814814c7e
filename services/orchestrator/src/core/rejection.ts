import type { Problem } from "./problem.ts";

/** Every reason for which a request is refused. `rpc/rejection-codes.ts` maps each to a status code. */
export type RejectionReason =
  | "DEFINITION_INVALID"
  | "REQUEST_INVALID"
  | "WORKFLOW_NOT_FOUND"
  | "WORKFLOW_VERSION_EXISTS"
  | "EXECUTION_NOT_FOUND"
  | "EXECUTION_ENDED"
  | "REQUEST_ID_REUSED"
  | "STEP_NOT_WAITING"
  | "TOKEN_INVALID"
  | "BREAKER_NOT_FOUND"
  | "TOO_MANY_EXECUTIONS"
  | "TOO_MANY_DEFINITIONS"
  | "QUARANTINED"
  | "NO_ROOM"
  | "NOT_WRITABLE";

/** A problem, with its line where the definition came as text. */
export type LocatedProblem = Problem & { readonly line?: number };

/** A refused request; nothing has changed. */
export type Rejection = {
  readonly kind: "rejection";
  readonly reason: RejectionReason;
  /** What is wrong and what to do about it. */
  readonly message: string;
  /** The fields at fault, all at once. */
  readonly problems?: readonly LocatedProblem[];
  readonly retryAfterMs?: number;
};

export function rejection(
  reason: RejectionReason,
  message: string,
  extra: Pick<Rejection, "problems" | "retryAfterMs"> = {},
): Rejection {
  return { kind: "rejection", reason, message, ...extra };
}

export function isRejection(outcome: unknown): outcome is Rejection {
  return typeof outcome === "object" && outcome !== null && "kind" in outcome && outcome.kind === "rejection";
}
