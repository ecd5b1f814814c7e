import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRecordedLog, placesIn, type RecordedLog } from "../app/recorded-log.fixture.ts";
import type { Store } from "../app/store.ts";
import { sampleWorkflow } from "../app/store-samples.contract.ts";
import { jsonText } from "../core/json.ts";
import { openSqliteStore } from "./store-sqlite.ts";

/** More than is left in any page: it needs room of its own. */
const payload = jsonText(JSON.stringify("x".repeat(30_000)));
const pageCountMax = 100;

let folder = "";
let store: Store;
let log: RecordedLog;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-full-"));
  store = await openSqliteStore(folder, { pageCountMax });
  log = await openRecordedLog(store);
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

/** Another program on the same database, which no limit binds. */
function besideTheStore(sql: string): void {
  const database = new DatabaseSync(join(folder, "weft.db"), { timeout: 5_000 });
  database.exec(sql);
  database.close();
}

function fillDisk(): void {
  besideTheStore("CREATE TABLE ballast (bytes BLOB); INSERT INTO ballast VALUES (zeroblob(1000000))");
}

function makeRoom(): void {
  besideTheStore("DROP TABLE ballast");
}

function append(executionId: string, sequence: number): void {
  const event = { kind: "step.succeeded", step: "a", attempt: 1, send: 1, payload } as const;
  log.append(executionId, sequence, { events: [{ sequence, timeMs: 7, event }] });
}

/** Lets time pass until the log has said so much. */
async function untilHeard(lines: number): Promise<void> {
  while (log.heard.length < lines) {
    log.clock.advance(2_000);
    await store.listUnfinished(0, "", 1);
  }
}

describe("a log on a disk that is full", () => {
  it("waits for room, and then has everything, in order, once", async () => {
    append("a", 1);
    await log.log.idle();
    fillDisk();
    append("a", 2);
    append("b", 1);
    await untilHeard(2);
    append("c", 1);
    append("a", 3);
    const triesWhileFull = 5;
    for (let tries = 0; tries < triesWhileFull; tries++) {
      log.clock.advance(2_000);
      await store.takeOwnership(1);
    }
    expect(log.heard).toEqual(["a#1@1", "blocked: no room for the batch on the disk"]);
    expect(await placesIn(store)).toEqual(["1:a#1"]);
    makeRoom();
    await untilHeard(7);
    await log.log.idle();
    expect(log.heard.slice(2)).toEqual([
      "unblocked: the log can be written again",
      "a#2@2",
      "b#1@3",
      "c#1@4",
      "a#3@5",
    ]);
    expect(await placesIn(store)).toEqual(["1:a#1", "2:a#2", "3:b#1", "4:c#1", "5:a#3"]);
  });

  it("has lost nothing that it had released when it is stopped in that state", async () => {
    append("a", 1);
    await log.log.idle();
    fillDisk();
    append("a", 2);
    await untilHeard(2);
    await log.log.stop();
    expect(log.heard.slice(2)).toEqual(["a#2 STOPPED"]);
    await store.close();
    store = await openSqliteStore(folder);
    const next = await openRecordedLog(store);
    next.append("a", 2);
    await next.log.idle();
    expect(await placesIn(store)).toEqual(["1:a#1", "2:a#2"]);
  });
});

describe("a definition for a disk that is full", () => {
  const put = () => store.putWorkflow(sampleWorkflow("report", 1, { definition: payload.text }));

  it("is not kept, and can be put again when there is room", async () => {
    fillDisk();
    expect(await put()).toBe("full");
    expect(await store.getWorkflow("default", "report")).toBeUndefined();
    makeRoom();
    expect(await put()).toBe("created");
  });
});

describe("a log whose database another program has locked", () => {
  it("waits until it is free again", async () => {
    const other = new DatabaseSync(join(folder, "weft.db"));
    other.exec("BEGIN IMMEDIATE");
    append("a", 1);
    await untilHeard(1);
    expect(log.heard).toEqual(["blocked: another program has locked the database"]);
    other.exec("ROLLBACK");
    other.close();
    await untilHeard(3);
    expect(log.heard.slice(1)).toEqual(["unblocked: the log can be written again", "a#1@1"]);
  });
});
