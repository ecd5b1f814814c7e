import type { Dispatch } from "./input.ts";
import type { Outcome } from "./outcome.ts";
import type { Told } from "./worker-state.ts";

export type RejectionReason = "FULL" | "DRAINING" | "UNKNOWN_CAPABILITY" | "FENCED";

/** Why a handler's signal aborts. */
export type AbortCause =
  | { readonly kind: "cancelled"; readonly reason: string }
  | { readonly kind: "timed-out"; readonly timeoutMs: number }
  | { readonly kind: "stopping" };

/** What a session is to be told. */
export type SessionEffect =
  | ({ readonly kind: "welcome"; readonly session: number } & Told)
  | {
      readonly kind: "in-flight";
      readonly session: number;
      readonly shard: number;
      readonly epoch: bigint;
      readonly running: readonly string[];
      readonly finished: readonly string[];
    }
  | { readonly kind: "accepted"; readonly session: number; readonly dispatchId: string }
  | {
      readonly kind: "rejected";
      readonly session: number;
      readonly dispatchId: string;
      readonly reason: RejectionReason;
      readonly busyElsewhere: number;
    }
  | {
      readonly kind: "progress";
      readonly session: number;
      readonly dispatchId: string;
      readonly fraction: number;
      readonly message: string;
    }
  | {
      readonly kind: "result";
      readonly session: number;
      readonly dispatchId: string;
      readonly outcome: Outcome;
    }
  | ({ readonly kind: "load"; readonly session: number; readonly slots: number } & Told)
  | { readonly kind: "draining"; readonly session: number }
  | { readonly kind: "end"; readonly session: number; readonly cause: "REPLACED" | "TOO_MANY" };

/** What the shell is to do. */
export type Effect =
  | SessionEffect
  | { readonly kind: "run"; readonly dispatch: Dispatch }
  | { readonly kind: "abort"; readonly dispatchId: string; readonly cause: AbortCause }
  | { readonly kind: "execute.rejected"; readonly dispatchId: string; readonly reason: RejectionReason }
  | { readonly kind: "execute.ended"; readonly dispatchId: string; readonly outcome: Outcome };
