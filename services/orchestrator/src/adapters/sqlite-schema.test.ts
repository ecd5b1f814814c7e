import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { databaseFile } from "@weft/runtime/sqlite-folder";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { beforeSleepers } from "../app/store.ts";
import {
  committed,
  idOf,
  ownShard,
  sampleChange,
  sampleEnd,
  sampleEvent,
  sampleExecution,
} from "../app/store-samples.contract.ts";
import { migrations } from "./sqlite-schema.ts";
import { openSqliteStore } from "./store-sqlite.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-schema-"));
});

afterEach(() => rm(folder, { recursive: true }));

/** A database as the first release left it: execution 1 has ended, 2 runs, and the log has an event of each. */
function writeFirstRelease(): void {
  const database = new DatabaseSync(databaseFile(folder));
  database.exec(`${migrations[0]}; PRAGMA user_version = 1; INSERT INTO shards VALUES (0, 7)`);
  const start = database.prepare(
    `INSERT INTO workflow_executions (execution_id, shard, namespace, workflow, version, status, labels,
       created_by, started_at_ms, ended_at_ms) VALUES (?, 0, 'default', 'release', 1, ?, '{}', 'ada', ?, ?)`,
  );
  const { startedAtMs } = sampleExecution(1);
  start.run(idOf(1), "SUCCEEDED", startedAtMs, sampleEnd(1).endedAtMs);
  start.run(idOf(2), "RUNNING", startedAtMs + 1, null);
  const write = database.prepare(
    `INSERT INTO workflow_events (log_key, execution_id, sequence, time_ms, kind, schema_version, body, payload)
       VALUES (?, ?, 1, ?, ?, 1, ?, ?)`,
  );
  for (const number of [1, 2]) {
    const { timeMs, kind, body, payload } = sampleEvent(number, 1);
    write.run(number, idOf(number), timeMs, kind, body, payload);
  }
  database.close();
}

describe("a released schema", () => {
  it("never changes", () => {
    const released = ["3789be5998b24a32"];
    const digests = migrations.map((text) => createHash("sha256").update(text).digest("hex").slice(0, 16));
    expect(digests.slice(0, released.length)).toEqual(released);
  });
});

describe("the index of unfinished executions", () => {
  it("has none that sleep, however many there are", async () => {
    await (await openSqliteStore(folder)).close();
    const database = new DatabaseSync(databaseFile(folder));
    const over = (rows: string): void =>
      database.exec(`SELECT 1 FROM workflow_executions INDEXED BY executions_unfinished WHERE ${rows}`);
    over("ended_at_ms IS NULL AND wake_at_ms IS NULL");
    expect(() => over("ended_at_ms IS NULL")).toThrow("no query solution");
    database.close();
  });
});

describe("a folder of the first release", () => {
  it("keeps all that it has, and everyone in it is awake", async () => {
    writeFirstRelease();
    const store = await openSqliteStore(folder);
    expect(await store.takeOwnership(0)).toEqual({ epoch: 8, position: 2 });
    expect(await store.readLog(0, 0, 10)).toEqual([
      { position: 1, ...sampleEvent(1, 1) },
      { position: 2, ...sampleEvent(2, 1) },
    ]);
    const ended = { ...sampleExecution(1), ...sampleEnd(1) };
    expect(await store.listExecutions({ namespace: "default", limit: 10 })).toEqual([
      sampleExecution(2),
      ended,
    ]);
    expect(await store.listUnfinished(0, "", 10)).toEqual([sampleExecution(2)]);
    expect(await store.listSleeping(0, Number.MAX_SAFE_INTEGER, beforeSleepers, 10)).toEqual([]);
    expect(await store.readSnapshot(idOf(2))).toBeUndefined();
    await store.close();
  });

  it("goes on as if it had always been of this release, over a restart too", async () => {
    writeFirstRelease();
    const before = await openSqliteStore(folder);
    const log = await ownShard(before);
    expect(await log.commit({ events: [sampleEvent(2, 2)], changed: [sampleChange(2)] })).toEqual(
      committed(2),
    );
    await before.close();
    const store = await openSqliteStore(folder);
    expect(await store.listUnfinished(0, "", 10)).toEqual([]);
    expect(await store.listSleeping(0, Number.MAX_SAFE_INTEGER, beforeSleepers, 10)).toHaveLength(1);
    expect(await (await ownShard(store)).commit({ ended: [sampleEnd(2)] })).toEqual(committed(1));
    await store.close();
  });
});
