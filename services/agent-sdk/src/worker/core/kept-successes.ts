/**
 * What remembers successes: by key, the oldest first. An agent answers a repeated key from them, and its
 * idempotency store drops by the same rule what is on disk.
 *
 * Invariants
 *  1. At most countMax entries of at most bytesMax bytes together are there after each `keep`.
 *  2. Entries stand in the order in which they were kept; a key that comes again is the newest.
 */
export type Kept = {
  readonly bytes: number;
  /** When it was kept, on the clock that `nowMs` is read from. */
  readonly atMs: number;
};

export type KeptSuccesses<T extends Kept> = { readonly entries: Map<string, T>; bytes: number };

export type KeptBounds = {
  readonly countMax: number;
  /** Of all outputs together, as JSON. */
  readonly bytesMax: number;
  /** Milliseconds after which a success answers nothing any more. */
  readonly ageMsMax: number;
};

export function noSuccesses<T extends Kept>(): KeptSuccesses<T> {
  return { entries: new Map(), bytes: 0 };
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
  for (const [oldest, { atMs }] of kept.entries) {
    const isWithin = kept.entries.size <= bounds.countMax && kept.bytes <= bounds.bytesMax;
    if (isWithin && entry.atMs - atMs <= bounds.ageMsMax) break;
    drop(kept, oldest);
    dropped.push(oldest);
  }
  return dropped;
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
