import type { Health } from "./health.ts";
import type { Registration } from "./registration.ts";

/** What became of an input. */
export type Event =
  | {
      readonly kind: "agent.attached";
      readonly attach: number;
      readonly registration: Registration;
      readonly leaseEndsAt: number;
      readonly health: Health;
      readonly replaced: readonly string[];
    }
  | { readonly kind: "agent.lease_renewed"; readonly leaseEndsAt: number }
  | { readonly kind: "agent.free_slots_changed"; readonly freeSlots: number }
  /** A probe that changes no verdict. */
  | { readonly kind: "agent.probed"; readonly health: Health }
  | { readonly kind: "agent.healthy"; readonly health: Health }
  | { readonly kind: "agent.unhealthy"; readonly health: Health }
  | { readonly kind: "agent.draining" }
  | { readonly kind: "agent.suspected" }
  | { readonly kind: "agent.gone"; readonly cause: "left" | "lease_ended" | "replaced" }
  /** This attach counts no more: its stream is to be ended. */
  | { readonly kind: "attach.ended"; readonly attach: number; readonly cause: "superseded" | "lease_ended" };
