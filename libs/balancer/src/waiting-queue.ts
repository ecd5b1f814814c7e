/** An entry, and the handle to take it out again. */
export type Waiting<T> = { readonly capability: string; readonly value: T };

export type EnqueueResult<T> =
  | { readonly kind: "queued"; readonly entry: Waiting<T> }
  | { readonly kind: "full"; readonly entriesMax: number };

type Entry<T> = {
  readonly capability: string;
  readonly value: T;
  /** Grows with each arrival, over all capabilities. */
  readonly arrival: number;
  /** Undefined: taken out. */
  line: Line<T> | undefined;
  ahead: Entry<T> | undefined;
  behind: Entry<T> | undefined;
};

/** The entries of one capability, oldest first. */
type Line<T> = { first: Entry<T> | undefined; last: Entry<T> | undefined };

/**
 * Work that found every agent full, and binds late: to whichever agent frees first. It owns its entries;
 * a caller holds them as handles. Adding, taking and removing cost the same at any length.
 *
 * 1. A line holds its entries in order of arrival; arrivals are numbered over all lines.
 * 2. A line exists exactly while it has an entry.
 * 3. There are never more than `entriesMax` entries.
 */
export class WaitingQueue<T> {
  readonly #entriesMax: number;
  readonly #lines = new Map<string, Line<T>>();
  #arrivals = 0;
  #size = 0;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  /** Entries of all capabilities. */
  get size(): number {
    return this.#size;
  }

  /** Puts work at the end of its capability's line. */
  enqueue(capability: string, value: T): EnqueueResult<T> {
    if (this.#size >= this.#entriesMax) return { kind: "full", entriesMax: this.#entriesMax };
    const line = this.#lineOf(capability);
    const arrival = ++this.#arrivals;
    const entry: Entry<T> = { capability, value, arrival, line, ahead: line.last, behind: undefined };
    if (line.last) line.last.behind = entry;
    else line.first = entry;
    line.last = entry;
    this.#size++;
    return { kind: "queued", entry };
  }

  /** The entry that waited longest for any of these capabilities; it stays until it is removed. */
  oldestAmong(capabilities: Iterable<string>): Waiting<T> | undefined {
    let oldest: Entry<T> | undefined;
    for (const capability of capabilities) {
      const first = this.#lines.get(capability)?.first;
      if (first && (!oldest || first.arrival < oldest.arrival)) oldest = first;
    }
    return oldest;
  }

  /** Takes out the entry that waited longest for this capability. */
  takeOldest(capability: string): Waiting<T> | undefined {
    const first = this.#lines.get(capability)?.first;
    if (first) this.remove(first);
    return first;
  }

  /** False: it had been taken out before. */
  remove(waiting: Waiting<T>): boolean {
    const entry = waiting as Entry<T>;
    const { line, ahead, behind } = entry;
    if (!line) return false;
    if (ahead) ahead.behind = behind;
    else line.first = behind;
    if (behind) behind.ahead = ahead;
    else line.last = ahead;
    if (!line.first) this.#lines.delete(entry.capability);
    // Links of an entry that a caller still holds would keep its neighbours alive.
    entry.line = entry.ahead = entry.behind = undefined;
    this.#size--;
    return true;
  }

  /** 1: it is next in its line; undefined: it was taken out. O(its position). */
  position(waiting: Waiting<T>): number | undefined {
    let entry = waiting as Entry<T>;
    if (!entry.line) return undefined;
    let position = 1;
    for (; entry.ahead; entry = entry.ahead) position++;
    return position;
  }

  #lineOf(capability: string): Line<T> {
    let line = this.#lines.get(capability);
    if (!line) {
      line = { first: undefined, last: undefined };
      this.#lines.set(capability, line);
    }
    return line;
  }
}
