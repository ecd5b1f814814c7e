import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Kept, type KeptBounds, keep, noSuccesses } from "./core/kept-successes.ts";

/** A success as it is kept on disk. */
export type SuccessRow = {
  readonly key: string;
  /** UTF-8 JSON text. */
  readonly output: Uint8Array<ArrayBuffer>;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
};

/** The file of successes, open. Its calls block: it belongs in a thread of its own. */
export type IdempotencyFile = {
  /** What the file held when it was opened, the oldest first. */
  readonly kept: readonly SuccessRow[];
  /** Writes all or none, and drops what is beyond the bounds. Throws when the disk refuses. */
  readonly write: (rows: readonly SuccessRow[]) => void;
  readonly close: () => void;
};

/** "weft", so that another program's database is not taken for one of these. */
const applicationId = 0x77656674;
const ownerOnly = 0o600;

/**
 * Opens or makes the file, for this process alone. What is written outlives the process, killed or not; after a
 * power cut the last successes may be missing, and their steps run again. Throws when another process has the
 * file for longer than `busyMsMax` milliseconds, or when it is something else.
 */
export function openIdempotencyFile(
  file: string,
  bounds: KeptBounds,
  { nowMs, busyMsMax }: { readonly nowMs: number; readonly busyMsMax: number },
): IdempotencyFile {
  const database = openDatabase(file, busyMsMax);
  try {
    prepare(database);
    const successes = noSuccesses<Kept>();
    const drop = database.prepare("DELETE FROM successes WHERE key = ?");
    const add = database.prepare("INSERT OR REPLACE INTO successes (key, at_ms, output) VALUES (?, ?, ?)");
    const keepOne = ({ key, output, atMs }: SuccessRow): void => {
      for (const dropped of keep(successes, key, { bytes: output.byteLength, atMs }, bounds))
        drop.run(dropped);
    };
    database.prepare("DELETE FROM successes WHERE at_ms < ?").run(nowMs - bounds.ageMsMax);
    for (const row of rowsOf(database)) keepOne(row);
    return {
      kept: rowsOf(database),
      write: (rows) =>
        inTransaction(database, () => {
          for (const row of rows) {
            add.run(row.key, row.atMs, row.output);
            keepOne(row);
          }
        }),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Outputs may be confidential: only the owner reads them. */
function openDatabase(file: string, timeout: number): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  closeSync(openSync(file, "a", ownerOnly));
  return new DatabaseSync(file, { timeout });
}

function prepare(database: DatabaseSync): void {
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  // Takes the lock, and keeps it until the file is closed. At once: two that read first would wait for each other.
  database.exec("BEGIN EXCLUSIVE; COMMIT");
  const id = database.prepare("PRAGMA application_id").get()?.["application_id"];
  const isEmpty = database.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
  if (id !== applicationId && !isEmpty) throw new Error("it is another program's database");
  database.exec(`
    PRAGMA application_id = ${applicationId};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS successes (
      id     INTEGER PRIMARY KEY, -- grows: the order in which they were kept
      key    TEXT NOT NULL UNIQUE,
      at_ms  INTEGER NOT NULL,
      output BLOB NOT NULL
    ) STRICT;
  `);
}

function rowsOf(database: DatabaseSync): SuccessRow[] {
  const select = database.prepare("SELECT key, output, at_ms AS atMs FROM successes ORDER BY id");
  return select.all() as unknown as SuccessRow[];
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
