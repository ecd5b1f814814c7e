import type { Registration } from "./registration.ts";

/** What became of an input. */
export type Event =
  | {
      readonly kind: "agent.attached";
      readonly attach: number;
      readonly registration: Registration;
      readonly leaseEndsAt: number;
    }
  | { readonly kind: "agent.lease_renewed"; readonly leaseEndsAt: number }
  | { readonly kind: "agent.free_slots_changed"; readonly freeSlots: number }
  | { readonly kind: "agent.draining" }
  | { readonly kind: "agent.suspected" }
  | { readonly kind: "agent.gone"; readonly cause: "left" | "lease_ended" | "replaced" }
  /** This attach counts no more: its stream is to be ended. */
  | { readonly kind: "attach.ended"; readonly attach: number; readonly cause: "superseded" | "lease_ended" };
