import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The database of a data folder. */
export function databaseFile(folder: string): string {
  return join(folder, "weft.db");
}

/** Held by the one process that owns a data folder. */
export type FolderLock = { release(): void };

/**
 * Makes the folder and its files, readable by their owner only, and takes the folder's lock; throws when a
 * live process holds it.
 *
 * The lock is an exclusive transaction on an empty database of its own: the operating system drops it with the
 * process, however that ends, so it can't be stale. (On the database itself it would shut the reader out.)
 */
export function lockFolder(folder: string): FolderLock {
  const lockFile = join(folder, "weft.lock");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  makePrivate(lockFile);
  makePrivate(databaseFile(folder));
  syncFolder(folder);
  const lock = new DatabaseSync(lockFile, { timeout: 0 });
  try {
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    throw new Error(
      `the data folder ${folder} is in use by another process: stop it (\`fuser ${lockFile}\` names it), ` +
        "or choose another data folder",
      { cause },
    );
  }
  return { release: () => lock.close() };
}

/**
 * SQLite gives its companions (-wal, -shm) the mode of the database. A file that exists is not opened: to close
 * any descriptor of a file drops all locks that this process has on it.
 */
function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    chmodSync(file, 0o600);
  }
}

/** The names of new files are durable too. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}
