import type { RecordedEvent } from "../core/event.ts";
import type { Execution } from "../core/execution.ts";

/** Durable events of one execution, with the place of the first in the log. */
export type Published = {
  readonly execution: Execution;
  readonly events: readonly RecordedEvent[];
  readonly firstPosition: number;
};

export type Progress = {
  readonly step: string;
  readonly fraction: number;
  readonly message: string;
  readonly timeMs: number;
};

export type Subscriber = {
  published(published: Published): void;
  progressed?(progress: Progress): void;
  /** Nothing more will come of this execution until a restart. */
  quarantined?(): void;
  /** Nothing more will come: the orchestrator stops. */
  closed(): void;
};

/** Hands durable events to those who watch now. Costs nothing where nobody does. */
export class WatchHub {
  readonly #ofExecution = new Map<string, Set<Subscriber>>();
  readonly #ofAll = new Set<Subscriber>();

  publish(published: Published): void {
    for (const subscriber of this.#ofAll) subscriber.published(published);
    const subscribers = this.#ofExecution.get(published.execution.id);
    if (subscribers) for (const subscriber of subscribers) subscriber.published(published);
  }

  progress(executionId: string, progress: Progress): void {
    for (const subscriber of this.#ofExecution.get(executionId) ?? []) subscriber.progressed?.(progress);
  }

  quarantine(executionId: string): void {
    for (const subscriber of this.#ofExecution.get(executionId) ?? []) subscriber.quarantined?.();
  }

  /** Returns what ends the subscription. */
  subscribeAll(subscriber: Subscriber): () => void {
    this.#ofAll.add(subscriber);
    return () => void this.#ofAll.delete(subscriber);
  }

  subscribe(executionId: string, subscriber: Subscriber): () => void {
    const subscribers = this.#ofExecution.get(executionId) ?? new Set();
    this.#ofExecution.set(executionId, subscribers.add(subscriber));
    return () => {
      subscribers.delete(subscriber);
      if (subscribers.size === 0 && this.#ofExecution.get(executionId) === subscribers)
        this.#ofExecution.delete(executionId);
    };
  }

  /** Tells everybody that nothing more will come. */
  close(): void {
    const subscribers = [...this.#ofAll, ...[...this.#ofExecution.values()].flatMap((set) => [...set])];
    for (const subscriber of subscribers) subscriber.closed();
  }
}
