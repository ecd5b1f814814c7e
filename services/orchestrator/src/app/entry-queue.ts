import { countThatFit, type EncodedEntry, type Entry } from "./log-entry.ts";

/**
 * Entries that wait to be committed, in order.
 *
 * The first `#suspects` of them were refused together: one is at fault, and less is taken until it is alone. By
 * halves that needs few tries, of which a refused one costs no fsync; no part that holds the culprit for certain
 * is tried twice.
 */
export class EntryQueue {
  #entries: EncodedEntry[] = [];
  #suspects = 0;

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  push(entry: EncodedEntry): void {
    this.#entries.push(entry);
  }

  /** What the next commit writes. */
  take(): readonly EncodedEntry[] {
    const fitting = countThatFit(this.#entries);
    const count = this.#suspects > 0 ? Math.min(fitting, Math.ceil(this.#suspects / 2)) : fitting;
    if (count < this.#entries.length) return this.#entries.splice(0, count);
    const all = this.#entries;
    this.#entries = [];
    return all;
  }

  /** What was taken last comes next again. */
  putBack(entries: readonly EncodedEntry[]): void {
    this.#entries = [...entries, ...this.#entries];
  }

  /** The same, and one of these is at fault. */
  suspect(entries: readonly EncodedEntry[]): void {
    this.putBack(entries);
    this.#suspects = entries.length;
  }

  /** What was taken last is without fault. */
  clear(entries: readonly EncodedEntry[]): void {
    this.#suspects = Math.max(0, this.#suspects - entries.length);
  }

  /** Takes out all entries of the execution that was at fault. */
  dropExecution(executionId: string): readonly EncodedEntry[] {
    this.#suspects = 0;
    return this.#drop((entry) => entry.executionId === executionId);
  }

  /** Takes out what does not wait for room: looks, and all entries of executions that were to start. */
  dropImpatient(): readonly EncodedEntry[] {
    const starting = new Set(this.#entries.flatMap(({ entry }) => entry.started?.executionId ?? []));
    const dropped = this.#drop(({ isLook, executionId }) => isLook === true || starting.has(executionId));
    // The culprit may be among them.
    if (dropped.length > 0) this.#suspects = 0;
    return dropped;
  }

  dropAll(): readonly EncodedEntry[] {
    return this.#entries.splice(0);
  }

  #drop(isOut: (entry: Entry) => boolean): readonly EncodedEntry[] {
    const dropped = this.#entries.filter(({ entry }) => isOut(entry));
    if (dropped.length > 0) this.#entries = this.#entries.filter(({ entry }) => !isOut(entry));
    return dropped;
  }
}
