import type { BreakerReason, BreakerState } from "@weft/runtime/breaker";
import type { CircuitBreaker } from "./circuit-breaker.ts";

/** From which state a breaker comes, and why it is in another now. */
export type BreakerCause = {
  readonly from: BreakerState;
  /** `AGENT_GONE`: with its agent, the breaker is no more. */
  readonly reason: BreakerReason | "AGENT_GONE";
};

/** A breaker is in another state. */
export type BreakerChange = BreakerCause & {
  /** As it is since: what it watches, its state, the code of its last failure, and until when it is open. */
  readonly breaker: CircuitBreaker;
  readonly timeMs: number;
};

export type BreakerSubscriber = {
  /** Runs in the midst of a dispatch: it must neither throw nor call the breakers. */
  changed(change: BreakerChange): void;
  /** Nothing more will come: the orchestrator stops, or loads its log anew. */
  closed?(): void;
};

/** Hands changes of breakers to those who want to know, in the order in which they happen. */
export class BreakerChanges {
  readonly #subscribers = new Set<BreakerSubscriber>();

  publish(change: BreakerChange): void {
    for (const subscriber of this.#subscribers) subscriber.changed(change);
  }

  /** Returns what ends the subscription. */
  subscribe(subscriber: BreakerSubscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  }

  /** Tells everybody that nothing more will come. */
  close(): void {
    for (const subscriber of this.#subscribers) subscriber.closed?.();
  }
}
