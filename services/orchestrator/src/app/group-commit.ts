import { backoffMs } from "@weft/runtime/backoff";
import type { Clock } from "@weft/runtime/clock";
import { Delay } from "@weft/runtime/delay";
import { EntryQueue } from "./entry-queue.ts";
import {
  type Abandonment,
  type EncodedEntry,
  type Entry,
  encodeEntry,
  rowCount,
  rowsOf,
} from "./log-entry.ts";
import type { CommitOutcome, Ownership, Store } from "./store.ts";

export type GroupCommitOptions = {
  readonly store: Pick<Store, "commit">;
  readonly shard: number;
  readonly ownership: Ownership;
  readonly clock: Pick<Clock, "after" | "monotonic">;
};

/** What the log tells its owner, after it has told those whose entries are at stake. */
export type LogListener = {
  /** So many events have become durable together. */
  readonly onCommitted: (events: number, tookMs: number) => void;
  /** The execution's rows can't be written: nothing of it is taken any more, and the others go on. */
  readonly onQuarantined: (executionId: string, reason: string) => void;
  /** There is no room: all is kept, and tried again until there is. */
  readonly onBlocked: (isBlocked: boolean, message: string) => void;
  /** What is on disk is unknown: this log has ended, and the shard is to be loaded anew. */
  readonly onUnknown: (message: string) => void;
  /** This log has ended, and a new one would fare no better. */
  readonly onFatal: (reason: "FENCED" | "FAILED", message: string) => void;
};

/** Whose state somebody has looked at who waits for it to be durable. */
export type Stake = Partial<Pick<Entry, "executionId" | "abandoned" | "isLook">>;

type Refused = CommitOutcome & { readonly kind: "refused" };

/** Nobody else waits for the same disk, so there is no chance in it. */
const fullBackoff = { initialMs: 50, maxMs: 2_000 };

/**
 * The only writer of a shard's log.
 *
 *     idle ── append ──▶ committing ── nothing left ──▶ idle
 *                          │ ROW ▶ tries half of it; an entry refused alone has its execution quarantined
 *                          │ FULL ▶ lets go of starts and looks, pauses, then tries the rest again
 *                          └ unknown, FENCED, FAILED ▶ ended
 *
 * 1. Entries become durable in the order in which they were appended; positions are dense.
 * 2. One commit is under way at a time; what comes meanwhile gathers. When idle, a lone entry commits at once.
 * 3. Each entry is released or abandoned, once: released after its commit, in order; abandoned when its execution
 *    was quarantined, the log has ended, or there is no room and it does not wait for it.
 * 4. A batch refused as ROW or FULL goes back to the head of what has gathered: nothing overtakes it.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #listener: LogListener;
  readonly #quarantined = new Set<string>();
  readonly #gathered = new EntryQueue();
  /** Of the newest durable event. */
  #position: number;
  /** Commits that were refused as FULL, one after another. */
  #fullInARow = 0;
  #isCommitting = false;
  #isStopping = false;
  #ended: Abandonment | undefined;
  #whenIdle: (() => void)[] = [];
  readonly #delay: Delay;

  constructor(options: GroupCommitOptions, listener: LogListener) {
    this.#options = options;
    this.#delay = new Delay(options.clock);
    this.#listener = listener;
    this.#position = options.ownership.position;
  }

  /** Of the newest durable event. */
  get position(): number {
    return this.#position;
  }

  /** There is no room at the moment: what is appended waits. */
  get isBlocked(): boolean {
    return this.#fullInARow > 0;
  }

  append(entry: Entry): void {
    const why = this.#abandonmentOf(entry.executionId);
    if (why) return entry.abandoned?.(why);
    this.#gathered.push(encodeEntry(entry));
    if (this.#isCommitting) return;
    this.#isCommitting = true;
    // What the same turn still appends goes along.
    queueMicrotask(() => void this.#commitAll());
  }

  /**
   * Runs when everything appended so far is durable. With an execution, whose state the caller has looked at, it
   * is abandoned with that execution's entries; without, quarantines leave it alone.
   */
  barrier(release: () => void, { executionId = "", abandoned, isLook = false }: Stake = {}): void {
    const why = this.#abandonmentOf(executionId);
    if (why) abandoned?.(why);
    else if (this.#isCommitting)
      this.append({ executionId, events: [], release, isLook, ...(abandoned && { abandoned }) });
    else release();
  }

  /** Resolves when nothing is left to commit. */
  idle(): Promise<void> {
    if (!this.#isCommitting) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** The store can't write any more. A commit that was under way has told so itself. */
  lose(message: string): void {
    void this.idle().then(() => {
      if (this.#ended) return;
      this.#end([], "UNKNOWN");
      this.#listener.onUnknown(message);
    });
  }

  /** Makes durable what was appended, as far as there is room, and takes nothing more. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#delay.end();
    await this.idle();
    this.#ended ??= "STOPPED";
  }

  #abandonmentOf(executionId: string): Abandonment | undefined {
    return this.#ended ?? (this.#quarantined.has(executionId) ? "QUARANTINED" : undefined);
  }

  async #commitAll(): Promise<void> {
    while (!this.#gathered.isEmpty) await this.#commitSome(this.#gathered.take());
    // Nothing is left to try the disk with: who waits for room must not wait for ever.
    if (!this.#ended) this.#unblock();
    this.#isCommitting = false;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  async #commitSome(entries: readonly EncodedEntry[]): Promise<void> {
    const { store, shard, ownership, clock } = this.#options;
    const rows = rowsOf(entries, this.#position);
    const count = rowCount(rows);
    if (count === 0) return this.#release(entries);
    const beganAtMs = clock.monotonic();
    let outcome: CommitOutcome;
    try {
      outcome = await store.commit({ shard, epoch: ownership.epoch, ...rows });
    } catch (error) {
      outcome = { kind: "unknown", message: error instanceof Error ? error.message : String(error) };
    }
    if (outcome.kind === "committed")
      this.#listener.onCommitted(rows.events.length, clock.monotonic() - beganAtMs);
    return this.#settle(entries, count, outcome);
  }

  #settle(entries: readonly EncodedEntry[], count: number, outcome: CommitOutcome): void | Promise<void> {
    switch (outcome.kind) {
      case "committed":
        return outcome.rows === count
          ? this.#committed(entries)
          : this.#endFatally(entries, "FENCED", `${outcome.rows} of ${count} rows were written`);
      case "refused":
        return this.#refused(entries, outcome);
      case "unknown":
        this.#end(entries, "UNKNOWN");
        return this.#listener.onUnknown(outcome.message);
    }
  }

  #committed(entries: readonly EncodedEntry[]): void {
    this.#unblock();
    this.#release(entries);
  }

  #unblock(): void {
    if (!this.isBlocked) return;
    this.#fullInARow = 0;
    this.#listener.onBlocked(false, "the log can be written again");
  }

  #release(entries: readonly EncodedEntry[]): void {
    this.#gathered.clear(entries);
    let position = this.#position + 1;
    for (const { events } of entries) this.#position += events.length;
    for (const { entry, events } of entries) {
      entry.release(position);
      position += events.length;
    }
  }

  #refused(entries: readonly EncodedEntry[], { reason, message }: Refused): void | Promise<void> {
    switch (reason) {
      case "ROW":
        return this.#narrow(entries, message);
      case "FULL":
        return this.#hold(entries, message);
      case "FENCED":
      case "FAILED":
        return this.#endFatally(entries, reason, message);
    }
  }

  #narrow(entries: readonly EncodedEntry[], message: string): void {
    const [first] = entries;
    if (entries.length === 1 && first) this.#quarantine(first, message);
    else this.#gathered.suspect(entries);
  }

  #quarantine(culprit: EncodedEntry, message: string): void {
    const { executionId } = culprit.entry;
    this.#quarantined.add(executionId);
    abandon([culprit, ...this.#gathered.dropExecution(executionId)], "QUARANTINED");
    this.#listener.onQuarantined(executionId, message);
  }

  async #hold(entries: readonly EncodedEntry[], message: string): Promise<void> {
    if (this.#isStopping) return this.#end(entries, "STOPPED");
    this.#gathered.putBack(entries);
    // Of a start nobody has seen anything; who only looks can look at the disk.
    abandon(this.#gathered.dropImpatient(), "NO_ROOM");
    this.#fullInARow += 1;
    if (this.#fullInARow === 1) this.#listener.onBlocked(true, message);
    await this.#delay.for(backoffMs(fullBackoff, this.#fullInARow, () => 1));
  }

  #endFatally(entries: readonly EncodedEntry[], reason: "FENCED" | "FAILED", message: string): void {
    this.#end(entries, "STOPPED");
    this.#listener.onFatal(reason, message);
  }

  #end(entries: readonly EncodedEntry[], why: Abandonment): void {
    this.#ended = why;
    abandon([...entries, ...this.#gathered.dropAll()], why);
  }
}

function abandon(entries: readonly EncodedEntry[], why: Abandonment): void {
  for (const { entry } of entries) entry.abandoned?.(why);
}
