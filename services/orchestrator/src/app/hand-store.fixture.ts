import type { Batch, CommitOutcome, RefusalReason, Store, StoredEvent } from "./store.ts";

/** Lets everything that is ready to run, run: promises, and what they start. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

type Waiting = { readonly batch: Batch; readonly resolve: (outcome: CommitOutcome) => void };

/**
 * A real store whose commits wait for a hand.
 *
 * `batches` are those that were asked for, in order; `durable` the events of those that were let through.
 */
export class HandStore {
  readonly batches: Batch[] = [];
  readonly durable: StoredEvent[] = [];
  readonly store: Store;
  readonly #inner: Store;
  readonly #waiting: Waiting[] = [];

  constructor(inner: Store) {
    this.#inner = inner;
    this.store = {
      ...inner,
      commit: (batch) => {
        this.batches.push(batch);
        return new Promise((resolve) => void this.#waiting.push({ batch, resolve }));
      },
    };
  }

  /** Commits that are under way. */
  get underWay(): number {
    return this.#waiting.length;
  }

  /** Lets the commit that is under way through, and what follows from it happen. False: there is none. */
  async commit(): Promise<boolean> {
    const waiting = await this.#next();
    if (!waiting) return false;
    await this.#write(waiting);
    // One for the log to hear of it, one for what it then sets off.
    await turn();
    await turn();
    return true;
  }

  /** Lets commits through until nothing is left to commit. */
  async commitAll(): Promise<void> {
    while (await this.commit());
  }

  /** The batch is on disk, and nobody will ever hear of it: the process dies. */
  async commitUnheard(): Promise<void> {
    const waiting = await this.#next();
    if (waiting) await this.#write({ batch: waiting.batch, resolve: () => {} });
  }

  async refuse(reason: RefusalReason): Promise<void> {
    const waiting = await this.#next();
    waiting?.resolve({ kind: "refused", reason, message: "the hand says no" });
    await turn();
  }

  /** The batch is on disk, or is not, and the answer is lost. */
  async loseAnswer(isWritten: boolean): Promise<void> {
    const waiting = await this.#next();
    if (waiting && isWritten) await this.#write({ batch: waiting.batch, resolve: () => {} });
    waiting?.resolve({ kind: "unknown", message: "the hand has lost the answer" });
    await turn();
  }

  async #next(): Promise<Waiting | undefined> {
    await turn();
    return this.#waiting.shift();
  }

  async #write({ batch, resolve }: Waiting): Promise<void> {
    const outcome = await this.#inner.commit(batch);
    if (outcome.kind !== "committed") throw new Error(`${outcome.kind}: ${outcome.message}`);
    this.durable.push(...batch.events);
    resolve(outcome);
  }
}
