import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { CommitOutcome, Ownership } from "../app/store.ts";
import { type BatchWriter, openBatchWriter, type Refused, refused } from "./sqlite-batch.ts";
import { type Fault, faultOf } from "./sqlite-errors.ts";
import { type Cells, eventCells, type FlatBatch } from "./sqlite-rows.ts";

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

/** Up to where a shard's events were relayed. */
export type RelayCursor = { readonly shard: number; readonly position: number };

/**
 * Writes whole batches, on the one connection that writes.
 *
 * 1. A batch is refused only when nothing of it can be on disk. That ends with COMMIT: an error of its own
 *    leaves open what happened, but for "full" and "busy", which keep the transaction from the log.
 * 2. After a disk error, or an unknown outcome, nothing is written any more: what is on disk can't be known
 *    before the database is opened anew.
 */
export class LogWriter {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #batches: BatchWriter;
  #writingEnded: string | undefined;
  #pagesSinceLook = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepareStatements(database);
    this.#batches = openBatchWriter(database);
  }

  takeOwnership(shard: number): Ownership {
    return this.#batches.takeOwnership(shard);
  }

  commit(batch: FlatBatch): CommitOutcome {
    if (this.#writingEnded !== undefined) return refused("FAILED", this.#writingEnded);
    this.#pagesSinceLook += pagesAtMost(batch);
    try {
      return this.#tryCommit(batch);
    } catch (error) {
      this.#undo();
      return this.#refusalOf(error);
    }
  }

  /** Beside any batch. Throws when it can't be written; nothing hangs on it. */
  saveCursor({ shard, position }: RelayCursor): void {
    if (this.#writingEnded !== undefined) throw new Error(this.#writingEnded);
    this.#pagesSinceLook += 1;
    try {
      this.#statements.saveCursor.run(shard, position);
    } catch (error) {
      this.#undo();
      throw new Error(this.#refusalOf(error).message);
    }
  }

  /** Moves what was committed from the write-ahead log into the database, once it is much. */
  checkpointWhenDue(): void {
    const isDue = this.#pagesSinceLook >= pagesBetweenLooks;
    if (!isDue || !this.#database.isOpen || this.#writingEnded !== undefined) return;
    this.#pagesSinceLook = 0;
    try {
      const { log, checkpointed } = this.#statements.walState.get() ?? {};
      if (Number(log) - Number(checkpointed) >= checkpointPages) this.#statements.checkpoint.get();
    } catch (error) {
      // Nothing is lost: it is all in the write-ahead log. A commit will tell when the disk is full or broken.
      this.#refusalOf(error);
    }
  }

  #tryCommit(batch: FlatBatch): CommitOutcome {
    const { begin, commit, rollback } = this.#statements;
    begin.run();
    const rows = this.#batches.write(batch);
    if (typeof rows !== "number") {
      rollback.run();
      return rows;
    }
    try {
      commit.run();
    } catch (error) {
      return this.#failedCommit(error);
    }
    return { kind: "committed", rows };
  }

  #failedCommit(error: unknown): CommitOutcome {
    const fault = faultOf(error);
    if (fault === "full" || fault === "busy") throw error;
    this.#writingEnded = endOfWriting(error);
    this.#undo();
    return { kind: "unknown", message: `whether a batch is on disk is unknown (${messageOf(error)})` };
  }

  /** What is left of a failed transaction. When even that fails, writing has to end. */
  #undo(): void {
    try {
      if (this.#database.isTransaction) this.#statements.rollback.run();
    } catch (error) {
      this.#writingEnded ??= endOfWriting(error);
    }
  }

  #refusalOf(error: unknown): Refused {
    const fault = faultOf(error);
    if (fault === "disk") this.#writingEnded ??= endOfWriting(error);
    return refused(reasons[fault], this.#writingEnded ?? messages[fault] ?? messageOf(error));
  }
}

const reasons: { readonly [fault in Fault]: Refused["reason"] } = {
  row: "ROW",
  full: "FULL",
  busy: "FULL",
  disk: "FAILED",
  other: "FAILED",
};

const messages: { readonly [fault in Fault]?: string } = {
  full: "no room for the batch on the disk",
  busy: "another program has locked the database",
};

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    begin: prepare("BEGIN IMMEDIATE"),
    commit: prepare("COMMIT"),
    rollback: prepare("ROLLBACK"),
    saveCursor: prepare(
      "INSERT INTO relay_cursors VALUES (?, ?) ON CONFLICT (shard) DO UPDATE SET position = excluded.position",
    ),
    walState: prepare("PRAGMA wal_checkpoint(NOOP)"),
    checkpoint: prepare("PRAGMA wal_checkpoint(PASSIVE)"),
  };
}

/** The last page of each tree that a commit touches, one for each event, and what the texts fill. */
function pagesAtMost({ events, snapshots }: FlatBatch): number {
  const chars = charsOf(events) + charsOf(snapshots);
  return treesTouched + events.length / eventCells + (chars * bytesPerCharMax) / pageBytes;
}

function charsOf(cells: Cells): number {
  return cells.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 0), 0);
}

function endOfWriting(error: unknown): string {
  return `writing ended after a disk error (${messageOf(error)}): mend the disk, then restart`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
