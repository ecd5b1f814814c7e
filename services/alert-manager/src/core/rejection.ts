import type { Problem } from "./problem.ts";

/** Every reason for which a request is refused. The edge maps each to a status code. */
export type RejectionReason =
  | "ALERT_NOT_FOUND"
  | "NOT_FIRING"
  | "RECEIVER_NOT_FOUND"
  | "SILENCE_NOT_FOUND"
  | "REQUEST_ID_TAKEN"
  | "REQUEST_INVALID"
  | "RULES_INVALID"
  | "TOO_MANY_SILENCES"
  | "TOO_MANY_WATCHERS"
  | "BUSY"
  | "STOPPING";

export type Rejection = {
  readonly kind: "rejection";
  readonly reason: RejectionReason;
  /** What is wrong and what to do about it. */
  readonly message: string;
  /** The fields at fault, all at once. */
  readonly problems: readonly Problem[];
};

/** A refusal. */
export function rejection(
  reason: RejectionReason,
  message: string,
  problems: readonly Problem[] = [],
): Rejection {
  return { kind: "rejection", reason, message, problems };
}

/** Tells a refusal from an answer. */
export function isRejection(outcome: unknown): outcome is Rejection {
  return typeof outcome === "object" && outcome !== null && "kind" in outcome && outcome.kind === "rejection";
}
