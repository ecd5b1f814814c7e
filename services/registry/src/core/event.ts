import type { Health } from "./health.ts";
import type { Registration } from "./registration.ts";

/** What became of an input. */
export type Event =
  | {
      readonly kind: "agent.attached";
      readonly attach: number;
      readonly registration: Registration;
      readonly heardAt: number;
      readonly leaseEndsAt: number;
      readonly health: Health;
      readonly replaced: readonly string[];
    }
  | { readonly kind: "agent.lease_renewed"; readonly heardAt: number; readonly leaseEndsAt: number }
  /** It was not heard, and is kept all the same. */
  | { readonly kind: "agent.lease_extended"; readonly leaseEndsAt: number }
  /** An agent that was silent is heard again, on the attach that it had. */
  | { readonly kind: "agent.heard" }
  | { readonly kind: "agent.free_slots_changed"; readonly freeSlots: number }
  | { readonly kind: "agent.loop_lag_changed"; readonly loopLagMs: number | undefined }
  /** A probe that changes no verdict. */
  | { readonly kind: "agent.probed"; readonly health: Health }
  | { readonly kind: "agent.healthy"; readonly health: Health }
  | { readonly kind: "agent.unhealthy"; readonly health: Health }
  /** `asked`: by an operator, and the agent is to be told. */
  | { readonly kind: "agent.draining"; readonly asked: boolean }
  | { readonly kind: "agent.suspected"; readonly cause: "stream_lost" | "silent" }
  | { readonly kind: "agent.gone"; readonly cause: "left" | "lease_ended" | "replaced" }
  /** This attach counts no more: its stream, if it has one, is to be ended. */
  | { readonly kind: "attach.ended"; readonly attach: number; readonly cause: AttachEnd };

export type AttachEnd = "superseded" | "deregistered" | "lease_ended";
