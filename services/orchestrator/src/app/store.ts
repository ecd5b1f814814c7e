import type { EventKind } from "../core/event.ts";
import type { ExecutionStatus } from "../core/execution.ts";

/** An event as the log holds it. The payload is kept apart from the body, so that it need not be read to be skipped. */
export type StoredEvent = {
  /** Dense per shard, from 1. */
  readonly position: number;
  readonly executionId: string;
  /** Dense per execution, from 1. */
  readonly sequence: number;
  readonly timeMs: number;
  readonly kind: EventKind;
  readonly schemaVersion: number;
  /** JSON text: the event without kind and payload. */
  readonly body: string;
  /** JSON text. */
  readonly payload: string | null;
};

/** What a payload is known by, in place of it: its JSON text in UTF-8. */
export type PayloadDigest = {
  readonly bytes: number;
  /** In lower-case hexadecimal digits. */
  readonly sha256: string;
};

/** An event as those read it who have no use for payloads, however large. */
export type DigestedEvent = Omit<StoredEvent, "payload"> & { readonly digest: PayloadDigest | null };

/** An execution as lists and recovery see it. */
export type ExecutionRow = {
  readonly executionId: string;
  readonly shard: number;
  readonly namespace: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: ExecutionStatus;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdBy: string;
  /** With its digest: makes a start idempotent. Unique per namespace. */
  readonly requestId: string | null;
  readonly requestDigest: string | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  /** When a sleeping execution is to come back to memory, at the latest. Null: it is awake, or has ended. */
  readonly wakeAtMs: number | null;
};

/** A new state of an execution that has not ended. */
export type ExecutionChange = Pick<ExecutionRow, "executionId" | "status" | "wakeAtMs">;

/** Also takes the execution out of those that sleep. */
export type ExecutionEnd = {
  readonly executionId: string;
  readonly status: ExecutionStatus;
  readonly endedAtMs: number;
};

/** An execution as it was after an event: a fold goes on from there. */
export type SnapshotRow = {
  readonly executionId: string;
  /** Of the last event that it holds. */
  readonly sequence: number;
  readonly schemaVersion: number;
  /** JSON text. */
  readonly body: string;
};

export type Sleeper = { readonly executionId: string; readonly wakeAtMs: number };

/** Stands before every sleeper. */
export const beforeSleepers: Sleeper = { executionId: "", wakeAtMs: 0 };

/** What becomes durable together. Starts come before changes, changes before ends: an execution may do all. */
export type Batch = {
  readonly shard: number;
  readonly epoch: number;
  readonly events: readonly StoredEvent[];
  readonly started: readonly ExecutionRow[];
  readonly changed: readonly ExecutionChange[];
  readonly ended: readonly ExecutionEnd[];
  /** Each replaces the one that its execution had. */
  readonly snapshots: readonly SnapshotRow[];
};

/**
 * Why nothing of a batch was written.
 *
 * FENCED: another owner has a higher epoch, or has written where this batch should stand.
 * ROW: one of the rows is at fault; a smaller batch may be taken.
 * FULL: no room, or no access, at the moment; the same batch may be taken later.
 * FAILED: the store is broken or closed, and takes nothing any more.
 */
export type RefusalReason = "FENCED" | "ROW" | "FULL" | "FAILED";

/** Unknown: the batch is on disk or will never be; only whoever opens the store anew can see which. */
export type CommitOutcome =
  /** `rows` counts every row that was written. Fewer than the batch has: somebody else owns the shard. */
  | { readonly kind: "committed"; readonly rows: number }
  | { readonly kind: "refused"; readonly reason: RefusalReason; readonly message: string }
  | { readonly kind: "unknown"; readonly message: string };

/** The store was closed, or has lost a thread or a connection, before it could answer. Nothing is wrong with the call. */
export { WorkerLost as StoreLost } from "@weft/runtime/worker-calls";

export type WorkflowRow = {
  readonly namespace: string;
  readonly name: string;
  readonly version: number;
  /** Canonical JSON text of the definition's tree. */
  readonly definition: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
};

export type ExecutionQuery = {
  readonly namespace: string;
  readonly workflow?: string;
  readonly statuses?: readonly ExecutionStatus[];
  /** All must match. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly startedAfterMs?: number;
  readonly startedBeforeMs?: number;
  /** The last row of the page before, newest first. */
  readonly after?: { readonly startedAtMs: number; readonly executionId: string };
  readonly limit: number;
};

/** Taken by the one process that writes a shard. */
export type Ownership = {
  /** Grows with every take-over; a commit with a lower one is FENCED. */
  readonly epoch: number;
  /** Of the newest event; 0 for an empty shard. */
  readonly position: number;
};

/** Where facts become durable. Every adapter passes `store.contract.ts`. All but `commit` may reject with StoreLost. */
export type Store = {
  /** Calls once, when nothing can be written any more though nobody has closed the store. */
  onLost(run: (reason: string) => void): void;
  /** Opens the shard for writing, raising its epoch. Fails when another live process holds it. */
  takeOwnership(shard: number): Promise<Ownership>;
  /** All or nothing, on disk when it resolves. One batch at a time, in order. */
  commit(batch: Batch): Promise<CommitOutcome>;
  /** Events of one execution after a sequence, in order. */
  readEvents(executionId: string, afterSequence: number, limit: number): Promise<readonly StoredEvent[]>;
  /** The log of a shard after a position, in order. */
  readLog(shard: number, afterPosition: number, limit: number): Promise<readonly StoredEvent[]>;
  /** The same without payloads. A page ends early where bodies are long; it is empty at the end of the log only. */
  readDigests(shard: number, afterPosition: number, limit: number): Promise<readonly DigestedEvent[]>;
  /** Which data these are: the same over restarts, another one once they were wiped. */
  logId(): Promise<string>;
  /** Up to where the shard's events were relayed, as it was last noted; 0 at first. */
  readCursor(shard: number): Promise<number>;
  /** Rejects when there is no room: what was relayed since is then relayed again. */
  saveCursor(shard: number, position: number): Promise<void>;
  getExecution(namespace: string, executionId: string): Promise<ExecutionRow | undefined>;
  /** The execution that a start with this request id made. */
  findRequest(namespace: string, requestId: string): Promise<ExecutionRow | undefined>;
  /** Newest first. */
  listExecutions(query: ExecutionQuery): Promise<readonly ExecutionRow[]>;
  /** Executions of a shard that have not ended and are awake, by id, after an id. */
  listUnfinished(shard: number, afterExecutionId: string, limit: number): Promise<readonly ExecutionRow[]>;
  /** Executions of a shard that sleep until that moment at the latest, the soonest first, after one of them. */
  listSleeping(shard: number, untilMs: number, after: Sleeper, limit: number): Promise<readonly Sleeper[]>;
  /** The newest, if there is one. */
  readSnapshot(executionId: string): Promise<SnapshotRow | undefined>;
  /** Durable when it resolves. The same definition again changes nothing; full: nothing did, for want of room. */
  putWorkflow(row: WorkflowRow): Promise<"created" | "same" | "different" | "full">;
  /** Without a version: the highest. */
  getWorkflow(namespace: string, name: string, version?: number): Promise<WorkflowRow | undefined>;
  /** The highest version of each, by name, after a name. */
  listWorkflows(namespace: string, afterName: string, limit: number): Promise<readonly WorkflowRow[]>;
  close(): Promise<void>;
};
