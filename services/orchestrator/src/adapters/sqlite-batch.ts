import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { CommitOutcome, Ownership } from "../app/store.ts";
import {
  type Cell,
  type Cells,
  eventCells,
  eventColumns,
  executionCells,
  executionColumns,
  type FlatBatch,
  snapshotCells,
  snapshotColumns,
  updateCells,
} from "./sqlite-rows.ts";
import { logKey, shardMax } from "./sqlite-schema.ts";

export type Refused = CommitOutcome & { readonly kind: "refused" };

/** The rows of a batch, inside the transaction that somebody else has begun and will end. */
export type BatchWriter = {
  takeOwnership(shard: number): Ownership;
  /** How many rows were written, or why the batch must not be committed. */
  write(batch: FlatBatch): number | Refused;
};

/** Epoch and positions are checked against what is on disk, never against memory. */
export function openBatchWriter(database: DatabaseSync): BatchWriter {
  const statements = prepareStatements(database);
  return {
    takeOwnership: (shard) => takeOwnership(statements, shard),
    write: (batch) =>
      checkEpoch(statements, batch) ?? checkPositions(statements, batch) ?? writeRows(statements, batch),
  };
}

export function refused(reason: Refused["reason"], message: string): Refused {
  return { kind: "refused", reason, message };
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    raiseEpoch: prepare(
      "INSERT INTO shards (shard, epoch) VALUES (?, 1) ON CONFLICT DO UPDATE SET epoch = epoch + 1 RETURNING epoch",
    ),
    epoch: prepare("SELECT epoch FROM shards WHERE shard = ?"),
    lastKey: prepare("SELECT max(log_key) AS last FROM workflow_events WHERE log_key > ? AND log_key < ?"),
    insertEvent: prepare(
      `INSERT INTO workflow_events (log_key, ${eventColumns}) VALUES (${marks(eventCells)})`,
    ),
    insertExecution: prepare(
      `INSERT INTO workflow_executions (${executionColumns}) VALUES (${marks(executionCells)})`,
    ),
    updateExecution: prepare(
      `UPDATE workflow_executions SET status = ?, ended_at_ms = ?, wake_at_ms = ?
       WHERE execution_id = ? AND ended_at_ms IS NULL`,
    ),
    replaceSnapshot: prepare(
      `INSERT INTO workflow_snapshots (${snapshotColumns}) VALUES (${marks(snapshotCells)})
       ON CONFLICT DO UPDATE SET sequence = excluded.sequence, schema_version = excluded.schema_version,
         body = excluded.body`,
    ),
  };
}

function marks(count: number): string {
  return Array.from({ length: count }, () => "?").join(", ");
}

function takeOwnership(statements: Statements, shard: number): Ownership {
  if (shard > shardMax) throw new Error(`shard ${shard} is beyond the last, ${shardMax}`);
  const epoch = Number(statements.raiseEpoch.get(shard)?.["epoch"]);
  return { epoch, position: lastPosition(statements, shard) };
}

function lastPosition({ lastKey }: Statements, shard: number): number {
  const last = lastKey.get(logKey(shard, 0), logKey(shard + 1, 0))?.["last"];
  return typeof last === "number" ? last - logKey(shard, 0) : 0;
}

function checkEpoch({ epoch }: Statements, batch: FlatBatch): Refused | undefined {
  const owner = epoch.get(batch.shard)?.["epoch"];
  if (owner === batch.epoch) return undefined;
  const held = owner === undefined ? "owned by nobody" : `owned at epoch ${Number(owner)}`;
  return refused("FENCED", `shard ${batch.shard} is ${held}, and the batch is of epoch ${batch.epoch}`);
}

function checkPositions(statements: Statements, { shard, events }: FlatBatch): Refused | undefined {
  if (events.length === 0) return undefined;
  let next = lastPosition(statements, shard) + 1;
  for (let at = 0; at < events.length; at += eventCells, next += 1) {
    if (events[at] !== next)
      return refused("FENCED", `position ${events[at]} in shard ${shard}, where ${next} is next`);
  }
  return undefined;
}

function writeRows(statements: Statements, batch: FlatBatch): number | Refused {
  const inserted =
    insertEvents(statements, batch) +
    insertEach(statements.insertExecution, batch.started, executionCells) +
    insertEach(statements.replaceSnapshot, batch.snapshots, snapshotCells);
  const missing = updateEach(statements.updateExecution, batch.updates);
  if (missing !== undefined) return refused("ROW", `execution ${missing} is not there or has ended before`);
  return inserted + batch.updates.length / updateCells;
}

function insertEvents({ insertEvent }: Statements, { shard, events }: FlatBatch): number {
  const origin = logKey(shard, 0);
  let rows = 0;
  for (let at = 0; at < events.length; at += eventCells) {
    const { changes } = insertEvent.run(
      origin + Number(events[at]),
      cell(events, at + 1),
      cell(events, at + 2),
      cell(events, at + 3),
      cell(events, at + 4),
      cell(events, at + 5),
      cell(events, at + 6),
      cell(events, at + 7),
    );
    rows += Number(changes);
  }
  return rows;
}

function cell(cells: Cells, at: number): Cell {
  return cells[at] as Cell;
}

function insertEach(statement: StatementSync, cells: Cells, width: number): number {
  let rows = 0;
  for (let at = 0; at < cells.length; at += width)
    rows += Number(statement.run(...cells.slice(at, at + width)).changes);
  return rows;
}

/** The first id of which no row was changed. */
function updateEach(statement: StatementSync, cells: Cells): Cell | undefined {
  for (let at = 0; at < cells.length; at += updateCells) {
    const { changes } = statement.run(...cells.slice(at, at + updateCells));
    if (changes !== 1) return cells[at + updateCells - 1];
  }
  return undefined;
}
