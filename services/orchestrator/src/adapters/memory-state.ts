import { randomBytes } from "node:crypto";
import type { ExecutionRow, SnapshotRow, StoredEvent, WorkflowRow } from "../app/store.ts";

/** What a store in memory holds. It outlives the store, as a disk would: a test may open it again. */
export type MemoryState = {
  readonly logId: string;
  readonly shards: Map<number, MemoryShard>;
  /** By execution, then by sequence. */
  readonly events: Map<string, Map<number, StoredEvent>>;
  readonly executions: Map<string, ExecutionRow>;
  /** By execution. */
  readonly snapshots: Map<string, SnapshotRow>;
  /** Ids of all executions, oldest first. */
  readonly byStart: string[];
  /** Execution ids by `keyOf(namespace, requestId)`. */
  readonly requests: Map<string, string>;
  /** By `keyOf(namespace, name)`, then by version. */
  readonly workflows: Map<string, Map<number, WorkflowRow>>;
};

export type MemoryShard = {
  epoch: number;
  /** The event at position 1 stands first. */
  readonly log: StoredEvent[];
  /** Up to where it was relayed. */
  cursor: number;
};

export function emptyMemory(): MemoryState {
  return {
    logId: randomBytes(16).toString("hex"),
    shards: new Map(),
    events: new Map(),
    executions: new Map(),
    snapshots: new Map(),
    byStart: [],
    requests: new Map(),
    workflows: new Map(),
  };
}

/** One key of two texts, whatever they hold. */
export function keyOf(namespace: string, name: string): string {
  return JSON.stringify([namespace, name]);
}

/** Negative when `a` started before `b`; the id decides between starts of the same millisecond. */
export function compareStarts(
  a: { readonly startedAtMs: number; readonly executionId: string },
  b: { readonly startedAtMs: number; readonly executionId: string },
): number {
  if (a.startedAtMs !== b.startedAtMs) return a.startedAtMs - b.startedAtMs;
  if (a.executionId === b.executionId) return 0;
  return a.executionId < b.executionId ? -1 : 1;
}
