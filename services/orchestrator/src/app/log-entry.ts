import type { RecordedEvent } from "../core/event.ts";
import { encodeEvent } from "../core/event-codec.ts";
import type {
  Batch,
  ExecutionChange,
  ExecutionEnd,
  ExecutionRow,
  SnapshotRow,
  StoredEvent,
} from "./store.ts";

/**
 * Why an entry will never be released.
 *
 * QUARANTINED: rows of its execution can't be written. NO_ROOM: the disk is full, and this does not wait for it.
 * UNKNOWN: it may be on disk; the shard is to be loaded anew. STOPPED: the log takes nothing any more.
 */
export type Abandonment = "QUARANTINED" | "NO_ROOM" | "UNKNOWN" | "STOPPED";

/** What one transition makes durable, and what follows once it is. One of the two is called, once. */
export type Entry = {
  readonly executionId: string;
  readonly events: readonly RecordedEvent[];
  readonly started?: ExecutionRow;
  readonly changed?: ExecutionChange;
  readonly ended?: ExecutionEnd;
  readonly snapshot?: SnapshotRow;
  /** Somebody only looks: rather than wait for room, it is abandoned. */
  readonly isLook?: boolean;
  /** Runs when the entry and all before it are durable; positions start at the first event's. */
  readonly release: (firstPosition: number) => void;
  readonly abandoned?: (why: Abandonment) => void;
};

/** An entry as it will be written, but for its positions. */
export type EncodedEntry = {
  readonly entry: Entry;
  readonly events: readonly Omit<StoredEvent, "position">[];
  readonly chars: number;
};

/** Both bound a commit, and with it how long those who come next wait. */
const eventsPerCommitMax = 2_000;
/** In characters, of which one takes one byte in nearly all texts and three at most. */
const charsPerCommitMax = 8 * 1024 * 1024;

export function encodeEntry(entry: Entry): EncodedEntry {
  let chars = entry.snapshot?.body.length ?? 0;
  const events = entry.events.map(({ event, sequence, timeMs }) => {
    const { kind, schemaVersion, body, payload } = encodeEvent(event);
    chars += body.length + (payload?.length ?? 0);
    return { executionId: entry.executionId, sequence, timeMs, kind, schemaVersion, body, payload };
  });
  return { entry, events, chars };
}

/** How many of the first entries go into one commit: never a part of one, and at least one. */
export function countThatFit(entries: readonly EncodedEntry[]): number {
  let events = 0;
  let chars = 0;
  const end = entries.findIndex((each) => {
    events += each.events.length;
    chars += each.chars;
    return events > eventsPerCommitMax || chars > charsPerCommitMax;
  });
  return end === -1 ? entries.length : Math.max(1, end);
}

type Rows = Omit<Batch, "shard" | "epoch">;

/** The rows of these entries, at the positions after the last. */
export function rowsOf(entries: readonly EncodedEntry[], lastPosition: number): Rows {
  const events: StoredEvent[] = [];
  for (const entry of entries) {
    for (const { executionId, sequence, timeMs, kind, schemaVersion, body, payload } of entry.events) {
      const position = lastPosition + events.length + 1;
      events.push({ position, executionId, sequence, timeMs, kind, schemaVersion, body, payload });
    }
  }
  return {
    events,
    started: entries.flatMap(({ entry }) => entry.started ?? []),
    changed: entries.flatMap(({ entry }) => entry.changed ?? []),
    ended: entries.flatMap(({ entry }) => entry.ended ?? []),
    snapshots: entries.flatMap(({ entry }) => entry.snapshot ?? []),
  };
}

export function rowCount({ events, started, changed, ended, snapshots }: Rows): number {
  return events.length + started.length + changed.length + ended.length + snapshots.length;
}
