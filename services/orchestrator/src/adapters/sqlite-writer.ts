import { DatabaseSync } from "node:sqlite";
import { databaseFile, lockFolder } from "@weft/runtime/sqlite-folder";
import { migrate } from "@weft/runtime/sqlite-migrations";
import { answerCalls } from "@weft/runtime/worker-calls";
import type { CommitOutcome, Ownership, WorkflowRow } from "../app/store.ts";
import { LogWriter, type RelayCursor } from "./sqlite-commit.ts";
import type { FlatBatch } from "./sqlite-rows.ts";
import { migrations } from "./sqlite-schema.ts";
import { openWorkflowWriter, type PutOutcome } from "./sqlite-workflows.ts";

// The worker that owns the data folder and the only connection that writes. It lives as long as the lock.

export type WriterLimits = {
  /** Beyond it the database takes nothing more, as if the disk were full. Pages have 4 KiB. */
  readonly pageCountMax?: number;
};

export type WriterOptions = { readonly folder: string; readonly limits: WriterLimits };

export type WriterCalls = {
  /** Answers once the folder is this process's own and the schema this release's. */
  open(options: WriterOptions): void;
  takeOwnership(shard: number): Ownership;
  commit(batch: FlatBatch): CommitOutcome;
  putWorkflow(row: WorkflowRow): PutOutcome;
  saveCursor(cursor: RelayCursor): void;
  close(argument: null): void;
};

/** How long a commit waits for another program that reads or copies the database with a lock. */
const busyMsMax = 1_000;

/** Large payloads may make the log longer than that; on its next start it is cut back to this. */
const walBytesMax = 64 * 1024 * 1024;

answerCalls((options: WriterOptions) => {
  const lock = lockFolder(options.folder);
  const database = openDatabase(options);
  const log = new LogWriter(database);
  const methods = {
    takeOwnership: (shard) => log.takeOwnership(shard),
    commit: (batch) => log.commit(batch),
    putWorkflow: openWorkflowWriter(database),
    saveCursor: (cursor) => log.saveCursor(cursor),
    close() {
      database.close();
      lock.release();
    },
  } satisfies Omit<WriterCalls, "open">;
  return { methods, afterAnswer: () => log.checkpointWhenDue() };
});

function openDatabase({ folder, limits: { pageCountMax } }: WriterOptions): DatabaseSync {
  const file = databaseFile(folder);
  const opened = new DatabaseSync(file, { timeout: busyMsMax });
  migrate(opened, file, migrations);
  // FULL: a commit is on disk when it returns, not only safe from a torn write.
  opened.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
  opened.exec(`PRAGMA journal_size_limit = ${walBytesMax}`);
  if (pageCountMax !== undefined) opened.exec(`PRAGMA max_page_count = ${pageCountMax}`);
  return opened;
}
