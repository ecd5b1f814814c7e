/**
 * What remembers successes: by key, the oldest first. An agent answers a repeated key from them, and its
 * idempotency store drops by the same rule what is on disk.
 *
 * Invariants
 *  1. At most countMax entries of at most bytesMax bytes together are there after each `keep`.
 *  2. Entries stand in the order in which they were kept; a key that comes again is the newest.
 *  3. Nothing that is still there stands before `order`, but `head`. Going through a map from its beginning passes
 *     over all that was deleted there, thousands of places for each success.
 */
export type Kept = {
  readonly bytes: number;
  /** When it was kept, on the clock that `nowMs` is read from. */
  readonly atMs: number;
};

export type KeptSuccesses<T extends Kept> = {
  readonly entries: Map<string, T>;
  bytes: number;
  order: MapIterator<[string, T]>;
  head: readonly [string, T] | undefined;
};

export type KeptBounds = {
  readonly countMax: number;
  /** Of all outputs together, as JSON. */
  readonly bytesMax: number;
  /** Milliseconds after which a success answers nothing any more. */
  readonly ageMsMax: number;
};

export function noSuccesses<T extends Kept>(): KeptSuccesses<T> {
  const entries = new Map<string, T>();
  return { entries, bytes: 0, order: entries.entries(), head: undefined };
}

/** Adds one, drops what is beyond the bounds, and says which keys that were. */
export function keep<T extends Kept>(
  kept: KeptSuccesses<T>,
  key: string,
  entry: T,
  bounds: KeptBounds,
): readonly string[] {
  drop(kept, key);
  kept.entries.set(key, entry);
  kept.bytes += entry.bytes;
  const dropped: string[] = [];
  for (let head = oldest(kept); head; head = oldest(kept)) {
    const isWithin = kept.entries.size <= bounds.countMax && kept.bytes <= bounds.bytesMax;
    if (isWithin && entry.atMs - head[1].atMs <= bounds.ageMsMax) break;
    drop(kept, head[0]);
    dropped.push(head[0]);
  }
  return dropped;
}

function oldest<T extends Kept>(kept: KeptSuccesses<T>): readonly [string, T] | undefined {
  if (kept.head && kept.entries.get(kept.head[0]) === kept.head[1]) return kept.head;
  let next = kept.order.next();
  // An iterator that has come to the end stays there.
  if (next.done && kept.entries.size > 0) {
    kept.order = kept.entries.entries();
    next = kept.order.next();
  }
  kept.head = next.done ? undefined : next.value;
  return kept.head;
}

/** The success of a key, unless it is too old. */
export function recall<T extends Kept>(
  { entries }: KeptSuccesses<T>,
  key: string,
  { ageMsMax }: KeptBounds,
  nowMs: number,
): T | undefined {
  const entry = entries.get(key);
  return entry && nowMs - entry.atMs <= ageMsMax ? entry : undefined;
}

function drop<T extends Kept>(kept: KeptSuccesses<T>, key: string): void {
  const entry = kept.entries.get(key);
  if (!entry) return;
  kept.entries.delete(key);
  kept.bytes -= entry.bytes;
}
