import type { RecordedEvent } from "../core/event.ts";
import { encodeEvent } from "../core/event-codec.ts";
import type { CommitOutcome, ExecutionEnd, ExecutionRow, Ownership, Store, StoredEvent } from "./store.ts";

/** What one transition makes durable, and what follows once it is. */
export type Entry = {
  readonly executionId: string;
  readonly events: readonly RecordedEvent[];
  readonly started?: ExecutionRow;
  readonly ended?: ExecutionEnd;
  /** Runs when the entry and all before it are durable; `positions` starts at the first event's. */
  readonly release: (firstPosition: number) => void;
};

/** Bounds a commit, and with it how long those who come next wait. */
const eventsPerCommitMax = 2_000;

/**
 * The only writer of a shard's log.
 *
 * 1. Entries become durable in the order in which they were appended; positions are dense.
 * 2. One commit is under way at a time; what comes meanwhile gathers. When idle, a lone entry commits at once.
 * 3. `release` runs after the commit, in order. After a refused commit nothing is released any more.
 */
export class GroupCommit {
  readonly #store: Store;
  readonly #shard: number;
  readonly #epoch: number;
  readonly #onRefused: (outcome: CommitOutcome & { kind: "refused" }) => void;
  #position: number;
  #gathered: Entry[] = [];
  #isCommitting = false;
  #isRefused = false;
  #whenIdle: (() => void)[] = [];

  constructor(
    store: Store,
    shard: number,
    ownership: Ownership,
    onRefused: (outcome: CommitOutcome & { kind: "refused" }) => void,
  ) {
    this.#store = store;
    this.#shard = shard;
    this.#epoch = ownership.epoch;
    this.#position = ownership.position;
    this.#onRefused = onRefused;
  }

  append(entry: Entry): void {
    this.#gathered.push(entry);
    if (this.#isCommitting || this.#isRefused) return;
    this.#isCommitting = true;
    // What the same turn still appends goes along.
    queueMicrotask(() => void this.#commitAll());
  }

  /** Runs when everything appended so far is durable. */
  barrier(release: () => void): void {
    if (this.#isCommitting || this.#isRefused) this.append({ executionId: "", events: [], release });
    else release();
  }

  /** Resolves when nothing is left to commit. */
  idle(): Promise<void> {
    if (!this.#isCommitting) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  async #commitAll(): Promise<void> {
    while (this.#gathered.length > 0 && !this.#isRefused) await this.#commitSome(this.#take());
    this.#isCommitting = false;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #take(): Entry[] {
    let events = 0;
    const end = this.#gathered.findIndex((entry) => {
      events += entry.events.length;
      return events > eventsPerCommitMax;
    });
    if (end === -1) {
      const all = this.#gathered;
      this.#gathered = [];
      return all;
    }
    return this.#gathered.splice(0, Math.max(1, end));
  }

  async #commitSome(entries: readonly Entry[]): Promise<void> {
    const first = this.#position + 1;
    const events = entries.flatMap((entry) =>
      entry.events.map((recorded) => this.#place(entry.executionId, recorded)),
    );
    if (events.length > 0) {
      const outcome = await this.#store.commit({
        shard: this.#shard,
        epoch: this.#epoch,
        events,
        started: entries.flatMap(({ started }) => started ?? []),
        ended: entries.flatMap(({ ended }) => ended ?? []),
      });
      if (outcome.kind === "refused") return this.#refuse(outcome);
    }
    let position = first;
    for (const entry of entries) {
      entry.release(position);
      position += entry.events.length;
    }
  }

  #place(executionId: string, { event, sequence, timeMs }: RecordedEvent): StoredEvent {
    return { position: ++this.#position, executionId, sequence, timeMs, ...encodeEvent(event) };
  }

  #refuse(outcome: CommitOutcome & { kind: "refused" }): void {
    this.#isRefused = true;
    this.#onRefused(outcome);
  }
}
