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
};

export type ExecutionEnd = {
  readonly executionId: string;
  readonly status: ExecutionStatus;
  readonly endedAtMs: number;
};

/** What becomes durable together. Starts are applied before ends: an execution may do both. */
export type Batch = {
  readonly shard: number;
  readonly epoch: number;
  readonly events: readonly StoredEvent[];
  readonly started: readonly ExecutionRow[];
  readonly ended: readonly ExecutionEnd[];
};

/** Nothing of a refused batch is written. FENCED: another owner has a higher epoch. FULL: no room on the disk. */
export type CommitOutcome =
  | { readonly kind: "committed" }
  | { readonly kind: "refused"; readonly reason: "FENCED" | "FULL" | "FAILED"; readonly message: string };

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

/** Where facts become durable. Every adapter passes `store.contract.ts`. */
export type Store = {
  /** Opens the shard for writing, raising its epoch. Fails when another live process holds it. */
  takeOwnership(shard: number): Promise<Ownership>;
  /** All or nothing, on disk when it resolves. One batch at a time, in order. */
  commit(batch: Batch): Promise<CommitOutcome>;
  /** Events of one execution after a sequence, in order. */
  readEvents(executionId: string, afterSequence: number, limit: number): Promise<readonly StoredEvent[]>;
  /** The log of a shard after a position, in order. */
  readLog(shard: number, afterPosition: number, limit: number): Promise<readonly StoredEvent[]>;
  getExecution(namespace: string, executionId: string): Promise<ExecutionRow | undefined>;
  /** The execution that a start with this request id made. */
  findRequest(namespace: string, requestId: string): Promise<ExecutionRow | undefined>;
  /** Newest first. */
  listExecutions(query: ExecutionQuery): Promise<readonly ExecutionRow[]>;
  /** Executions of a shard that have not ended, by id, after an id. */
  listUnfinished(shard: number, afterExecutionId: string, limit: number): Promise<readonly ExecutionRow[]>;
  /** Durable when it resolves. The same definition again changes nothing. */
  putWorkflow(row: WorkflowRow): Promise<"created" | "same" | "different">;
  /** Without a version: the highest. */
  getWorkflow(namespace: string, name: string, version?: number): Promise<WorkflowRow | undefined>;
  /** The highest version of each, by name, after a name. */
  listWorkflows(namespace: string, afterName: string, limit: number): Promise<readonly WorkflowRow[]>;
  close(): Promise<void>;
};
