import type { AlertView } from "../core/alert.ts";

/**
 * One reader of alerts. First it gets all there are, then each that changes. Of an alert that changes faster than it
 * reads, it gets the latest: what waits for it is bounded by the number of alerts.
 */
export class AlertWatch implements AsyncIterableIterator<readonly AlertView[]> {
  readonly #pending = new Map<string, AlertView>();
  readonly #onEnd: () => void;
  #waiter: PromiseWithResolvers<IteratorResult<readonly AlertView[]>> | undefined;
  #isEnded = false;

  constructor(all: readonly AlertView[], onEnd: () => void) {
    this.#onEnd = onEnd;
    // Even an empty first answer says that the reader has seen all there is.
    this.#first = all;
  }

  #first: readonly AlertView[] | undefined;

  /** Takes alerts that have changed. */
  offer(views: readonly AlertView[]): void {
    for (const view of views) this.#pending.set(view.fingerprint, view);
    if (!this.#waiter || this.#pending.size === 0) return;
    this.#waiter.resolve({ done: false, value: this.#take() });
    this.#waiter = undefined;
  }

  async next(): Promise<IteratorResult<readonly AlertView[]>> {
    if (this.#isEnded) return { done: true, value: undefined };
    if (this.#first) {
      const value = this.#first;
      this.#first = undefined;
      return { done: false, value };
    }
    if (this.#pending.size > 0) return { done: false, value: this.#take() };
    this.#waiter ??= Promise.withResolvers();
    return this.#waiter.promise;
  }

  async return(): Promise<IteratorResult<readonly AlertView[]>> {
    this.end();
    return { done: true, value: undefined };
  }

  /** The reader gets nothing more. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#pending.clear();
    this.#waiter?.resolve({ done: true, value: undefined });
    this.#onEnd();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): readonly AlertView[] {
    const views = [...this.#pending.values()];
    this.#pending.clear();
    return views;
  }
}
