import type { Binding, SendRef } from "./event.ts";
import type { ExecutionStatus } from "./execution.ts";
import type { Fact } from "./input.ts";
import type { Json } from "./json.ts";

/** What a fact makes due in the world. Asking twice is harmless: ids are derived. */
export type Effect =
  /** Find a slot for the step, from `dueAtMs` on, and say so with "step.due". */
  | { readonly kind: "due"; readonly step: string; readonly dueAtMs: number }
  /** Send it to the agent that it is bound to; it times out at `deadlineMs`, or not while that is undefined. */
  | ({
      readonly kind: "send";
      readonly binding: Binding;
      readonly input: Json;
      readonly deadlineMs: number | undefined;
    } & SendRef)
  /** The send's deadline has moved, or stands still while it is undefined. */
  | ({ readonly kind: "extend"; readonly deadlineMs: number | undefined } & SendRef)
  /** Tell the agent to stop. */
  | ({ readonly kind: "cancel"; readonly binding: Binding; readonly reason: string } & SendRef)
  /** Deliver the fact at `dueAtMs`, unless the execution has ended. */
  | { readonly kind: "timer"; readonly dueAtMs: number; readonly fact: Fact }
  /** Decide on this at once, in the same transition. */
  | { readonly kind: "decide"; readonly fact: Fact }
  | { readonly kind: "ended"; readonly status: ExecutionStatus; readonly endedAtMs: number };
