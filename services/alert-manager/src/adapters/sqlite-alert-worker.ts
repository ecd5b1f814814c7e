import { DatabaseSync } from "node:sqlite";
import { databaseFile, lockFolder } from "@weft/runtime/sqlite-folder";
import { migrate } from "@weft/runtime/sqlite-migrations";
import { answerCalls } from "@weft/runtime/worker-calls";
import type { SavedRow } from "../core/state.ts";

// The thread that owns the data folder and the connection to its database: no fsync holds up the others.

export type AlertStoreCalls = {
  /** Answers once the folder is this process's own and the schema this release's. */
  open(folder: string): void;
  /** The rows after a place, in the order of their places. */
  load(page: { readonly afterPlace: number; readonly limit: number }): LoadedPage;
  save(rows: readonly SavedRow[]): void;
  close(argument: null): void;
};

export type LoadedPage = { readonly rows: readonly SavedRow[]; readonly lastPlace: number };

/** One text for each version of the schema; never changed once released. */
const migrations: readonly string[] = [
  `
  CREATE TABLE alert_rows (
    place      INTEGER PRIMARY KEY,
    table_name TEXT NOT NULL,
    key        TEXT NOT NULL,
    body       TEXT NOT NULL,
    UNIQUE (table_name, key)
  ) STRICT;
  `,
];

const busyMsMax = 1_000;

answerCalls((folder: string) => {
  const lock = lockFolder(folder);
  const database = openDatabase(databaseFile(folder));
  const methods = {
    load: openLoad(database),
    save: openSave(database),
    close() {
      database.close();
      lock.release();
    },
  } satisfies Omit<AlertStoreCalls, "open">;
  return { methods };
});

function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: busyMsMax });
  migrate(database, file, migrations);
  refuseForeign(database, file);
  // FULL: what is saved is on disk, not only safe from a torn write.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  return database;
}

function refuseForeign(database: DatabaseSync, file: string): void {
  const isOurs =
    database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'alert_rows'").get() !== undefined;
  if (!isOurs) throw new Error(`${file} holds something else than alerts: use another data folder`);
}

function openLoad(database: DatabaseSync): AlertStoreCalls["load"] {
  const page = database.prepare(
    "SELECT place, table_name, key, body FROM alert_rows WHERE place > ? ORDER BY place LIMIT ?",
  );
  return ({ afterPlace, limit }) => {
    const found = page.all(afterPlace, limit);
    const rows = found.map(({ table_name: table, key, body }) => ({
      table: String(table),
      key: String(key),
      body: String(body),
    }));
    return { rows, lastPlace: Number(found.at(-1)?.["place"] ?? afterPlace) };
  };
}

function openSave(database: DatabaseSync): AlertStoreCalls["save"] {
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const rollback = database.prepare("ROLLBACK");
  const put = database.prepare(
    `INSERT INTO alert_rows (table_name, key, body) VALUES (?, ?, ?)
     ON CONFLICT (table_name, key) DO UPDATE SET body = excluded.body`,
  );
  const drop = database.prepare("DELETE FROM alert_rows WHERE table_name = ? AND key = ?");
  return (rows) => {
    begin.run();
    try {
      for (const { table, key, body } of rows) {
        if (body === undefined) drop.run(table, key);
        else put.run(table, key, body);
      }
      commit.run();
    } catch (error) {
      if (database.isTransaction) rollback.run();
      throw error;
    }
  };
}
