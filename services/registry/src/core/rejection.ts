import type { Problem } from "./problem.ts";

/** Every reason for which a call is refused or ended. `rpc/rejection-codes.ts` maps each to a status code. */
export type RejectionReason =
  | "REGISTRATION_INVALID"
  | "REGISTRATION_EXPECTED"
  | "REQUEST_INVALID"
  | "AGENT_NOT_FOUND"
  | "NOT_REGISTERED"
  | "NO_AGENT_OFFERS"
  | "NONE_READY"
  | "ALL_FULL"
  | "TOO_MANY_AGENTS"
  | "TOO_MANY_WATCHERS"
  | "SUPERSEDED"
  | "INCARNATION_REPLACED"
  | "DEREGISTERED"
  | "LEASE_ENDED"
  | "READER_TOO_SLOW"
  | "STOPPING";

export type Rejection = {
  readonly kind: "rejection";
  readonly reason: RejectionReason;
  /** What is wrong and what to do about it. */
  readonly message: string;
  /** The fields at fault, all at once. */
  readonly problems: readonly Problem[];
  /** When it may be worth asking again; undefined: unknown. */
  readonly retryAfterMs: number | undefined;
};

/** A refusal. */
export function rejection(
  reason: RejectionReason,
  message: string,
  { problems = [], retryAfterMs }: Partial<Pick<Rejection, "problems" | "retryAfterMs">> = {},
): Rejection {
  return { kind: "rejection", reason, message, problems, retryAfterMs };
}

/** Tells a refusal from an answer. */
export function isRejection(outcome: object): outcome is Rejection {
  return "kind" in outcome && outcome.kind === "rejection";
}
