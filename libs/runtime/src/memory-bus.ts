import type {
  CloudEvent,
  EventPublisher,
  EventSink,
  EventSubscriber,
  Publication,
  PublishOutcome,
} from "./event-bus.ts";

/** Events that a subscriber may be behind before the oldest are dropped for it. */
const backlogMax = 10_000;
const batchMax = 256;

/**
 * The event bus within one process, for `weft dev` without NATS.
 *
 * A subscriber that is slow loses the oldest of what waits for it, as it would on a bus that keeps so much and no
 * more: it finds the gap, and fills it from the log. Nothing waits for a subscriber.
 */
export class MemoryBus implements EventPublisher, EventSubscriber {
  readonly isConnected = true;
  readonly #subscriptions = new Map<string, MemorySubscription>();

  async publish({ event }: Publication): Promise<PublishOutcome> {
    for (const subscription of this.#subscriptions.values()) subscription.push(event);
    return { kind: "taken" };
  }

  subscribe(name: string, sink: EventSink): { close(): Promise<void> } {
    const subscription = this.#subscriptions.get(name) ?? new MemorySubscription();
    this.#subscriptions.set(name, subscription);
    subscription.open(sink);
    return { close: () => subscription.close() };
  }

  async close(): Promise<void> {
    for (const subscription of this.#subscriptions.values()) await subscription.close();
  }
}

/** What waits for one subscriber. Outlives a closed one, for the next of the same name. */
class MemorySubscription {
  #waiting: CloudEvent[] = [];
  #sink: EventSink | undefined;
  #pumping: Promise<void> = Promise.resolve();
  #isPumping = false;

  open(sink: EventSink): void {
    this.#sink = sink;
    sink.connected(true, "");
    this.#pump();
  }

  push(event: CloudEvent): void {
    this.#waiting.push(event);
    // Twice as many before the old ones go: each is then moved once, not with every later one.
    if (this.#waiting.length >= 2 * backlogMax) this.#waiting = this.#waiting.slice(-backlogMax);
    this.#pump();
  }

  async close(): Promise<void> {
    this.#sink = undefined;
    await this.#pumping;
  }

  #pump(): void {
    if (!this.#isPumping) this.#pumping = this.#deliverAll();
  }

  async #deliverAll(): Promise<void> {
    this.#isPumping = true;
    for (let sink = this.#sink; sink && this.#waiting.length > 0; sink = this.#sink) {
      const batch = this.#waiting.slice(0, batchMax);
      try {
        await sink.deliver(batch);
      } catch {
        // It comes again, after whatever else is ready to run.
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      const heard = new Set(batch);
      this.#waiting = this.#waiting.filter((event) => !heard.has(event));
    }
    this.#isPumping = false;
  }
}
