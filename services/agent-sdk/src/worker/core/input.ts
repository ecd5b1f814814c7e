import type { Outcome } from "./outcome.ts";

/** A step to run, as the orchestrator sent it. */
export type Dispatch = {
  readonly dispatchId: string;
  readonly shard: number;
  readonly epoch: bigint;
  readonly capability: string;
  readonly namespace: string;
  readonly workflow: string;
  /** UTF-8 JSON text. */
  readonly input: Uint8Array;
  /** 0: no limit. */
  readonly timeLeftMs: bigint;
  /** Given by the callers of Execute; otherwise derived from the dispatch id. */
  readonly idempotencyKey?: string;
  /** W3C trace context; empty: none. */
  readonly traceparent?: string;
  readonly tracestate?: string;
};

/** All that can happen to a worker. `session` is the number that the shell gave to an open stream. */
export type Input =
  | {
      readonly kind: "session.opened";
      readonly session: number;
      readonly cluster: string;
      readonly orchestratorId: string;
    }
  | { readonly kind: "session.closed"; readonly session: number }
  | { readonly kind: "claim"; readonly session: number; readonly shard: number; readonly epoch: bigint }
  | { readonly kind: "dispatch"; readonly session: number; readonly dispatch: Dispatch }
  | { readonly kind: "execute"; readonly dispatch: Dispatch }
  | { readonly kind: "execute.abandoned"; readonly dispatchId: string }
  | {
      readonly kind: "cancel";
      readonly session: number;
      readonly shard: number;
      readonly epoch: bigint;
      readonly dispatchId: string;
      readonly reason: string;
    }
  | {
      readonly kind: "extend";
      readonly session: number;
      readonly shard: number;
      readonly epoch: bigint;
      readonly dispatchId: string;
      /** From now; 0: no limit. */
      readonly timeLeftMs: bigint;
    }
  | {
      readonly kind: "result-ack";
      readonly session: number;
      readonly shard: number;
      readonly epoch: bigint;
      readonly dispatchIds: readonly string[];
    }
  | {
      readonly kind: "wait";
      readonly session: number;
      readonly capability: string;
      /** How long the step that is next has waited. */
      readonly ageMs: number;
      /** 0: none waits any more. */
      readonly steps: number;
    }
  | {
      readonly kind: "progressed";
      readonly dispatchId: string;
      readonly fraction: number;
      readonly message: string;
    }
  | { readonly kind: "finished"; readonly dispatchId: string; readonly outcome: Outcome }
  | {
      /** A success of this agent's life before, from its idempotency store; the oldest first. */
      readonly kind: "remembered";
      readonly key: string;
      readonly output: Uint8Array;
      readonly ageMs: number;
    }
  | { readonly kind: "woke" }
  | { readonly kind: "load.due" }
  | { readonly kind: "drain" };
