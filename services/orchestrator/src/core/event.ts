import type { Failure } from "./failure.ts";
import type { SkipCause } from "./join.ts";
import type { Json, JsonValue } from "./json.ts";

/** The agent process that a send of a step goes to. */
export type Binding = { readonly agentId: string; readonly incarnation: string };

/** Which try of a step: `send` counts every time it went out, failovers included. */
export type SendRef = { readonly step: string; readonly attempt: number; readonly send: number };

/** A fact of an execution. Written once, replayed for ever: fields are added, never changed or removed. */
export type Event =
  | {
      readonly kind: "execution.started";
      readonly namespace: string;
      readonly workflow: string;
      readonly version: number;
      /** Set when the definition came with the start and was never registered. */
      readonly definition?: JsonValue;
      readonly labels: Readonly<Record<string, string>>;
      readonly createdBy: string;
      readonly payload: Json;
      /** What the definition's `vars` came to. */
      readonly vars?: Json;
      /** W3C: the span that the execution follows, or its own when it began its trace. Not traced without it. */
      readonly traceparent?: string;
      readonly tracestate?: string;
    }
  | { readonly kind: "execution.cancel_requested"; readonly reason: string; readonly requestedBy: string }
  | { readonly kind: "execution.paused"; readonly reason: string; readonly requestedBy: string }
  | { readonly kind: "execution.resumed"; readonly requestedBy: string }
  | { readonly kind: "execution.timed_out" }
  | { readonly kind: "execution.succeeded"; readonly payload: Json }
  | { readonly kind: "execution.failed"; readonly failure: Failure }
  | { readonly kind: "execution.cancelled"; readonly reason: string }
  /** Due, its condition holds, and no agent had a free slot, or it is held: its breaker is open. */
  | { readonly kind: "step.queued"; readonly step: string; readonly held?: true }
  /** Bound and about to be sent. The payload is the input, recorded by the first start only. */
  | ({ readonly kind: "step.started"; readonly payload?: Json } & SendRef & Binding)
  /** The agent did not take it; the same attempt goes elsewhere, from `dueAtMs` on. */
  | ({ readonly kind: "step.failed_over"; readonly reason: string; readonly dueAtMs: number } & SendRef &
      Binding)
  /** The agent was lost after it took the step. */
  | ({ readonly kind: "step.interrupted"; readonly reason: string } & SendRef & Binding)
  | ({ readonly kind: "step.attempt_failed"; readonly failure: Failure } & SendRef)
  | {
      readonly kind: "step.retry_scheduled";
      readonly step: string;
      readonly attempt: number;
      readonly dueAtMs: number;
    }
  /** Its handler has answered "later": somebody else completes it, by token. */
  | ({ readonly kind: "step.waiting" } & SendRef)
  | ({ readonly kind: "step.succeeded"; readonly payload: Json } & SendRef)
  /** A success after the step was cancelled or failed. Changes nothing, and may come after the end. */
  | ({ readonly kind: "step.succeeded_late"; readonly payload: Json } & SendRef)
  | { readonly kind: "step.failed"; readonly step: string; readonly failure: Failure }
  | { readonly kind: "step.skipped"; readonly step: string; readonly cause: SkipCause }
  | { readonly kind: "step.cancelled"; readonly step: string };

export type EventKind = Event["kind"];

/** An event with its place in the execution: sequences are dense, from 1. */
export type RecordedEvent = { readonly sequence: number; readonly timeMs: number; readonly event: Event };

/** The events that end an execution. */
export function isTerminal(kind: EventKind): boolean {
  return kind === "execution.succeeded" || kind === "execution.failed" || kind === "execution.cancelled";
}
