import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { CommitOutcome, Ownership } from "../app/store.ts";
import {
  type Cell,
  type Cells,
  endCells,
  eventCells,
  eventColumns,
  executionCells,
  executionColumns,
  type FlatBatch,
} from "./sqlite-rows.ts";
import { logKey, shardMax } from "./sqlite-schema.ts";

type Refused = CommitOutcome & { readonly kind: "refused" };

/** The writes of the log. */
export type LogWriter = {
  takeOwnership(shard: number): Ownership;
  commit(batch: FlatBatch): CommitOutcome;
  /** Moves what was committed from the write-ahead log into the database, once it is much. */
  checkpointWhenDue(): void;
};

/**
 * 16 MB. A checkpoint takes 5 ms per 1,000 pages, however many it moves, and what comes meanwhile waits. At
 * SQLite's default of 1,000 pages that happens to 3 % of busy commits and is their p99; at 4,000 it is 20 ms for
 * 0.3 to 1 %. A thread of its own for it gained nothing: SQLite syncs the database in the last part anyway.
 */
const checkpointPages = 4_000;
/** Looking costs a tenth of a lone commit, so it waits until so many pages may have been written. */
const pagesBetweenLooks = 500;
const treesTouched = 6;
const bytesPerCharMax = 3;
const pageBytes = 4_096;

/**
 * Writes whole batches, on the one connection that writes.
 *
 * 1. Epoch and positions are checked inside the transaction: against what is on disk, never against memory.
 * 2. After a disk error nothing is written any more: whether the last batch is on disk can't be known before
 *    the database is opened anew.
 */
export function openLogWriter(database: DatabaseSync): LogWriter {
  const statements = prepareStatements(database);
  let writingEnded: string | undefined;
  let pagesSinceLook = 0;
  const refusedBy = (error: unknown): Refused => {
    if (isDiskError(error))
      writingEnded = `writing ended after a disk error (${messageOf(error)}): mend the disk, then restart`;
    return refusalOf(error, writingEnded);
  };
  return {
    takeOwnership: (shard) => takeOwnership(statements, shard),
    commit(batch) {
      if (writingEnded !== undefined) return refused("FAILED", writingEnded);
      pagesSinceLook += pagesAtMost(batch);
      try {
        return writeBatch(statements, batch);
      } catch (error) {
        if (database.isTransaction) statements.rollback.run();
        return refusedBy(error);
      }
    },
    checkpointWhenDue() {
      if (!database.isOpen || writingEnded !== undefined || pagesSinceLook < pagesBetweenLooks) return;
      pagesSinceLook = 0;
      try {
        checkpointWhenDue(statements);
      } catch (error) {
        // Nothing is lost: it is all in the write-ahead log. A commit will tell when the disk is full or broken.
        refusedBy(error);
      }
    },
  };
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    begin: prepare("BEGIN IMMEDIATE"),
    commit: prepare("COMMIT"),
    rollback: prepare("ROLLBACK"),
    walState: prepare("PRAGMA wal_checkpoint(NOOP)"),
    checkpoint: prepare("PRAGMA wal_checkpoint(PASSIVE)"),
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
    endExecution: prepare(
      "UPDATE workflow_executions SET status = ?, ended_at_ms = ? WHERE execution_id = ? AND ended_at_ms IS NULL",
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

function writeBatch(statements: Statements, batch: FlatBatch): CommitOutcome {
  statements.begin.run();
  const refusal =
    checkEpoch(statements, batch) ?? insertEvents(statements, batch) ?? writeExecutions(statements, batch);
  if (refusal) {
    statements.rollback.run();
    return refusal;
  }
  statements.commit.run();
  return { kind: "committed" };
}

/** The last page of each tree that a commit touches, one for each event, and what the texts fill. */
function pagesAtMost({ events }: FlatBatch): number {
  const chars = events.reduce<number>(
    (sum, value) => sum + (typeof value === "string" ? value.length : 0),
    0,
  );
  return treesTouched + events.length / eventCells + (chars * bytesPerCharMax) / pageBytes;
}

function checkEpoch({ epoch }: Statements, batch: FlatBatch): Refused | undefined {
  const owner = epoch.get(batch.shard)?.["epoch"];
  if (owner === batch.epoch) return undefined;
  const held = owner === undefined ? "owned by nobody" : `owned at epoch ${Number(owner)}`;
  return refused("FENCED", `shard ${batch.shard} is ${held}, and the batch is of epoch ${batch.epoch}`);
}

function insertEvents(statements: Statements, { shard, events }: FlatBatch): Refused | undefined {
  if (events.length === 0) return undefined;
  const { insertEvent } = statements;
  const origin = logKey(shard, 0);
  let next = lastPosition(statements, shard) + 1;
  for (let at = 0; at < events.length; at += eventCells) {
    const position = events[at];
    if (position !== next)
      return refused("FAILED", `position ${position} in shard ${shard}, where ${next} is next`);
    insertEvent.run(
      origin + next,
      cell(events, at + 1),
      cell(events, at + 2),
      cell(events, at + 3),
      cell(events, at + 4),
      cell(events, at + 5),
      cell(events, at + 6),
      cell(events, at + 7),
    );
    next += 1;
  }
  return undefined;
}

function cell(cells: Cells, at: number): Cell {
  return cells[at] as Cell;
}

function writeExecutions(statements: Statements, { started, ended }: FlatBatch): Refused | undefined {
  for (let at = 0; at < started.length; at += executionCells)
    statements.insertExecution.run(...started.slice(at, at + executionCells));
  for (let at = 0; at < ended.length; at += endCells) {
    const { changes } = statements.endExecution.run(...ended.slice(at, at + endCells));
    if (changes !== 1)
      return refused("FAILED", `execution ${ended[at + 2]} is not there or has ended before`);
  }
  return undefined;
}

function checkpointWhenDue({ walState, checkpoint }: Statements): void {
  const { log, checkpointed } = walState.get() ?? {};
  if (Number(log) - Number(checkpointed) >= checkpointPages) checkpoint.get();
}

function refused(reason: Refused["reason"], message: string): Refused {
  return { kind: "refused", reason, message };
}

const primaryCodes = { IOERR: 10, CORRUPT: 11, FULL: 13, NOTADB: 26 };

function refusalOf(error: unknown, writingEnded: string | undefined): Refused {
  if (primaryCodeOf(error) === primaryCodes.FULL) return refused("FULL", "no room for the batch on the disk");
  return refused("FAILED", writingEnded ?? messageOf(error));
}

function isDiskError(error: unknown): boolean {
  const code = primaryCodeOf(error);
  return code === primaryCodes.IOERR || code === primaryCodes.CORRUPT || code === primaryCodes.NOTADB;
}

/** The low byte of SQLite's extended result code. */
function primaryCodeOf(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
