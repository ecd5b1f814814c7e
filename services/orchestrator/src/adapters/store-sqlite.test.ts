import { chmod, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeStore } from "../app/store.contract.ts";
import {
  committed,
  idOf,
  ownShard,
  sampleEvent,
  sampleExecution,
  sampleWorkflow,
  upTo,
} from "../app/store-samples.contract.ts";
import { migrations } from "./sqlite-schema.ts";
import { openSqliteStore } from "./store-sqlite.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-store-"));
});

afterEach(() => rm(folder, { recursive: true }));

describeStore("the store on SQLite", async () => ({
  store: await openSqliteStore(folder),
  reopen: () => openSqliteStore(folder),
}));

describe("the data folder", () => {
  it("is made when it is not there, and its files are for their owner alone", async () => {
    const inner = join(folder, "new", "data");
    const store = await openSqliteStore(inner);
    const log = await ownShard(store);
    await log.commit({ events: [sampleEvent(1, 1)] });
    expect((await stat(inner)).mode & 0o777).toBe(0o700);
    const modes = await Promise.all(
      (await readdir(inner)).map(async (file) => [file, await modeOf(inner, file)]),
    );
    expect(Object.fromEntries(modes)).toEqual({
      "weft.db": 0o600,
      "weft.db-shm": 0o600,
      "weft.db-wal": 0o600,
      "weft.lock": 0o600,
    });
    await store.close();
  });

  it("is made private again when somebody opened its files up", async () => {
    await (await openSqliteStore(folder)).close();
    await chmod(join(folder, "weft.db"), 0o644);
    await (await openSqliteStore(folder)).close();
    expect(await modeOf(folder, "weft.db")).toBe(0o600);
  });

  it("is one file when the store was closed: the write-ahead log is folded in", async () => {
    const store = await openSqliteStore(folder);
    await store.putWorkflow(sampleWorkflow("release", 1));
    await store.close();
    expect(await readdir(folder)).toEqual(["weft.db", "weft.lock"]);
  });

  it("of a newer release is refused as it is, and opens in that release again", async () => {
    await (await openSqliteStore(folder)).close();
    setSchemaVersion(99);
    await expect(openSqliteStore(folder)).rejects.toThrow(
      `${join(folder, "weft.db")} was written by a newer release (schema 99; this release knows ${migrations.length}): ` +
        "start that release or a later one, or use another data folder",
    );
    expect(setSchemaVersion(migrations.length)).toBe(99);
    await (await openSqliteStore(folder)).close();
  });

  it("that holds something else is refused", async () => {
    const file = new DatabaseSync(join(folder, "weft.db"));
    file.exec("CREATE TABLE workflow_events (id)");
    file.close();
    await expect(openSqliteStore(folder)).rejects.toThrow(/already exists/);
  });

  async function modeOf(directory: string, file: string): Promise<number> {
    return (await stat(join(directory, file))).mode & 0o777;
  }

  /** The version that was there before. */
  function setSchemaVersion(version: number): unknown {
    const file = new DatabaseSync(join(folder, "weft.db"));
    const before = file.prepare("PRAGMA user_version").get()?.["user_version"];
    file.exec(`PRAGMA user_version = ${version}`);
    file.close();
    return before;
  }
});

describe("a full disk", () => {
  const large = JSON.stringify("x".repeat(1_000_000));

  it("refuses what has no room, whole, and takes what has", async () => {
    const store = await openSqliteStore(folder, { pageCountMax: 200 });
    const log = await ownShard(store);
    await log.commit({ events: [sampleEvent(1, 1)] });
    const tooLarge = { events: [sampleEvent(2, 1), sampleEvent(2, 2, { payload: large })] };
    const outcome = await log.commit({ ...tooLarge, started: [sampleExecution(2)] });
    expect(outcome).toEqual({
      kind: "refused",
      reason: "FULL",
      message: "no room for the batch on the disk",
    });
    expect(await store.readLog(0, 0, 10)).toHaveLength(1);
    expect(await store.getExecution("default", idOf(2))).toBeUndefined();
    expect(await log.commit({ events: [sampleEvent(1, 2)] })).toEqual(committed(1));
    await store.close();
  });

  it("takes what it had refused once there is room", async () => {
    const cramped = await openSqliteStore(folder, { pageCountMax: 200 });
    const before = await ownShard(cramped);
    const events = [sampleEvent(1, 1, { payload: large })];
    expect(await before.commit({ events })).toMatchObject({ reason: "FULL" });
    await cramped.close();
    const roomy = await openSqliteStore(folder);
    expect(await (await ownShard(roomy)).commit({ events })).toEqual(committed(1));
    await roomy.close();
  });
});

describe("the write-ahead log", () => {
  it("moves into the database as it grows", async () => {
    const mebibyte = 1024 * 1024;
    const store = await openSqliteStore(folder);
    const log = await ownShard(store);
    const payload = JSON.stringify("x".repeat(mebibyte));
    for (const sequence of upTo(40)) await log.commit({ events: [sampleEvent(1, sequence, { payload })] });
    expect((await stat(join(folder, "weft.db"))).size).toBeGreaterThan(15 * mebibyte);
    expect((await stat(join(folder, "weft.db-wal"))).size).toBeLessThan(20 * mebibyte);
    await store.close();
  });
});

describe("reads", () => {
  it("are answered during a large commit, and see all of it or nothing", async () => {
    const store = await openSqliteStore(folder);
    const log = await ownShard(store);
    const payload = JSON.stringify("x".repeat(20_000));
    const events = upTo(2_000).map((sequence) => sampleEvent(1, sequence, { payload }));
    let isCommitted = false;
    const commit = log.commit({ events }).then(() => (isCommitted = true));
    const lengths: number[] = [];
    let duringCommit = 0;
    while (!isCommitted) {
      lengths.push((await store.readEvents(idOf(1), 1_990, 100)).length);
      if (!isCommitted) duringCommit += 1;
    }
    await commit;
    expect(duringCommit).toBeGreaterThan(0);
    expect(lengths.filter((length) => length !== 0 && length !== 10)).toEqual([]);
    expect(await store.readEvents(idOf(1), 1_990, 100)).toHaveLength(10);
    await store.close();
  });

  it("come between the parts of a long list", async () => {
    const store = await openSqliteStore(folder);
    const log = await ownShard(store);
    const rows = upTo(5_000).map((number) => sampleExecution(number));
    await log.commit({ started: rows });
    const answered: string[] = [];
    const list = store.listExecutions({ namespace: "default", labels: { rare: "yes" }, limit: 10 });
    const one = store.getExecution("default", idOf(1));
    await Promise.all([list.then(() => answered.push("list")), one.then(() => answered.push("one"))]);
    expect(answered).toEqual(["one", "list"]);
    await store.close();
  });
});
