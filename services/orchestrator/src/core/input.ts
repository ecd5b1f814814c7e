import type { Binding, SendRef } from "./event.ts";
import type { Failure } from "./failure.ts";
import type { Json } from "./json.ts";
import type { TraceContext } from "./trace-context.ts";

/** What a backend asks; may be refused. */
export type Request =
  | {
      readonly kind: "start";
      readonly namespace: string;
      /** The definition came with the start: the log must hold it. */
      readonly inline: boolean;
      readonly labels: Readonly<Record<string, string>>;
      readonly createdBy: string;
      readonly payload: Json;
      readonly trace?: TraceContext;
    }
  | { readonly kind: "cancel"; readonly reason: string; readonly requestedBy: string }
  | { readonly kind: "pause"; readonly reason: string; readonly requestedBy: string }
  | { readonly kind: "resume"; readonly requestedBy: string }
  /** Completes a step whose handler has answered "later", or is about to. */
  | ({ readonly kind: "complete"; readonly outcome: StepOutcome } & SendRef);

export type StepOutcome =
  | { readonly kind: "succeeded"; readonly payload: Json }
  | { readonly kind: "failed"; readonly failure: Failure };

/** What has happened; applied, or ignored when it comes late or twice. */
export type Fact =
  /** A due step was looked at; with a binding when an agent had a free slot and its breaker does not hold it. */
  | {
      readonly kind: "step.due";
      readonly step: string;
      readonly binding: Binding | undefined;
      readonly isHeld?: boolean;
    }
  | ({ readonly kind: "step.succeeded"; readonly payload: Json } & SendRef)
  | ({ readonly kind: "step.failed"; readonly failure: Failure } & SendRef)
  /** The handler has answered "later". */
  | ({ readonly kind: "step.deferred" } & SendRef)
  /** A timer has fired; it counts while `deadlineMs` is still the one in force. */
  | ({ readonly kind: "step.timed_out"; readonly deadlineMs: number } & SendRef)
  | { readonly kind: "step.queue_timed_out"; readonly step: string; readonly deadlineMs: number }
  | ({ readonly kind: "step.heartbeat_missed" } & SendRef)
  /** The agent did not take it: nothing of it ran. Without `isAffordable` too many sends fail over at the moment. */
  | ({ readonly kind: "step.rejected"; readonly reason: string; readonly isAffordable: boolean } & SendRef)
  /** The agent is gone, and the step may have run there. */
  | ({ readonly kind: "step.lost"; readonly reason: string } & SendRef)
  | { readonly kind: "execution.timed_out"; readonly deadlineMs: number }
  /** The step's dependencies have come out so that it can not start any more. */
  | { readonly kind: "step.unreachable"; readonly step: string }
  /** Nothing is left to do. */
  | { readonly kind: "execution.finished" };

export type Input = Request | Fact;
