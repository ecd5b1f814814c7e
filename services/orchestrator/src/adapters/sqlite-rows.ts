import type { StatementSync } from "node:sqlite";
import type { Batch, DigestedEvent, ExecutionRow, Sleeper, SnapshotRow, StoredEvent } from "../app/store.ts";

/** What a column holds. */
export type Cell = string | number | null;

/** A row as the reader sends it: an array is half as dear to clone as an object with the same values. */
export type Cells = readonly Cell[];

/** A batch as the writer takes it: the cells of all rows one after another, in the order of the columns below. */
export type FlatBatch = {
  readonly shard: number;
  readonly epoch: number;
  readonly events: Cells;
  readonly started: Cells;
  /** Changes, then ends. */
  readonly updates: Cells;
  readonly snapshots: Cells;
};

/** Of an event in a batch: position, then the columns of `eventColumns`. */
export const eventCells = 8;
export const eventColumns = "execution_id, sequence, time_ms, kind, schema_version, body, payload";

export const executionCells = 13;
export const executionColumns =
  "execution_id, shard, namespace, workflow, version, status, labels, created_by, " +
  "request_id, request_digest, started_at_ms, ended_at_ms, wake_at_ms";

/** Of a change or an end: status, time of the end, time to wake up, and id, as the UPDATE takes them. */
export const updateCells = 4;

export const snapshotCells = 4;
export const snapshotColumns = "execution_id, sequence, schema_version, body";

/** All rows of a query, as arrays. */
export function allCells(statement: StatementSync, parameters: Cells): readonly Cells[] {
  statement.setReturnArrays(true);
  const rows: unknown = statement.all(...parameters);
  return rows as readonly Cells[];
}

export function flattenBatch(batch: Batch): FlatBatch {
  const { shard, epoch, events, started, changed, ended, snapshots } = batch;
  const eventList: Cell[] = [];
  for (const event of events) {
    const { position, executionId, sequence, timeMs, kind, schemaVersion, body, payload } = event;
    eventList.push(position, executionId, sequence, timeMs, kind, schemaVersion, body, payload);
  }
  return {
    shard,
    epoch,
    events: eventList,
    started: started.flatMap(executionToCells),
    updates: [
      ...changed.flatMap(({ status, wakeAtMs, executionId }) => [status, null, wakeAtMs, executionId]),
      ...ended.flatMap(({ status, endedAtMs, executionId }) => [status, endedAtMs, null, executionId]),
    ],
    snapshots: snapshots.flatMap((row) => [row.executionId, row.sequence, row.schemaVersion, row.body]),
  };
}

function executionToCells(row: ExecutionRow): Cell[] {
  return [
    row.executionId,
    row.shard,
    row.namespace,
    row.workflow,
    row.version,
    row.status,
    JSON.stringify(row.labels),
    row.createdBy,
    row.requestId,
    row.requestDigest,
    row.startedAtMs,
    row.endedAtMs,
    row.wakeAtMs,
  ];
}

/** From position and `eventColumns`. */
export function toEvent(cells: Cells): StoredEvent {
  return { ...withoutPayload(cells), payload: cells[7] as string | null };
}

/** From position, the columns of an event without its payload, and the payload's size and digest. */
export function toDigested(cells: Cells): DigestedEvent {
  const digest = cells[7] === null ? null : { bytes: cells[7] as number, sha256: cells[8] as string };
  return { ...withoutPayload(cells), digest };
}

function withoutPayload(cells: Cells): Omit<StoredEvent, "payload"> {
  return {
    position: cells[0] as number,
    executionId: cells[1] as string,
    sequence: cells[2] as number,
    timeMs: cells[3] as number,
    kind: cells[4] as StoredEvent["kind"],
    schemaVersion: cells[5] as number,
    body: cells[6] as string,
  };
}

/** From `executionColumns`. */
export function toExecution(cells: Cells): ExecutionRow {
  return {
    executionId: cells[0] as string,
    shard: cells[1] as number,
    namespace: cells[2] as string,
    workflow: cells[3] as string,
    version: cells[4] as number,
    status: cells[5] as ExecutionRow["status"],
    labels: JSON.parse(cells[6] as string) as ExecutionRow["labels"],
    createdBy: cells[7] as string,
    requestId: cells[8] as string | null,
    requestDigest: cells[9] as string | null,
    startedAtMs: cells[10] as number,
    endedAtMs: cells[11] as number | null,
    wakeAtMs: cells[12] as number | null,
  };
}

/** From id and time of waking. */
export function toSleeper(cells: Cells): Sleeper {
  return { executionId: cells[0] as string, wakeAtMs: cells[1] as number };
}

/** From `snapshotColumns`. */
export function toSnapshot(cells: Cells): SnapshotRow {
  return {
    executionId: cells[0] as string,
    sequence: cells[1] as number,
    schemaVersion: cells[2] as number,
    body: cells[3] as string,
  };
}
