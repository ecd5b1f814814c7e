import { beforeEach, describe, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { jsonText } from "../core/json.ts";
import { HandStore, turn } from "./hand-store.fixture.ts";
import {
  openRecordedLog,
  placesIn,
  placesOf,
  type RecordedLog,
  shard,
  startOf,
} from "./recorded-log.fixture.ts";
import { beforeSleepers } from "./store.ts";

let hand: HandStore;
let log: RecordedLog;

beforeEach(async () => {
  hand = new HandStore(openMemoryStore());
  log = await openRecordedLog(hand.store);
});

describe("the log", () => {
  it("commits a lone entry at once, and releases it when it is on disk", async () => {
    log.append("e", 1);
    await turn();
    expect(placesOf(hand.batches[0]!.events)).toEqual(["1:e#1"]);
    expect(hand.batches[0]).toMatchObject({ shard, epoch: 1 });
    expect(log.heard).toEqual([]);
    await hand.commit();
    expect(log.heard).toEqual(["e#1@1"]);
  });

  it("takes along what the same turn appends", async () => {
    log.append("e", 1, { count: 2 });
    log.append("f", 1);
    await hand.commit();
    expect(hand.batches).toHaveLength(1);
    expect(log.heard).toEqual(["e#1@1", "f#1@3"]);
  });

  it("gathers while a commit is under way, and never has two", async () => {
    log.append("e", 1);
    await turn();
    log.append("f", 1);
    await turn();
    log.append("e", 2, { count: 2 });
    await turn();
    expect(hand.underWay).toBe(1);
    await hand.commit();
    expect(log.heard).toEqual(["e#1@1"]);
    expect(hand.batches.map(({ events }) => placesOf(events))).toEqual([
      ["1:e#1"],
      ["2:f#1", "3:e#2", "4:e#3"],
    ]);
    await hand.commit();
    expect(log.heard).toEqual(["e#1@1", "f#1@2", "e#2@3"]);
    expect(await placesIn(hand.store)).toEqual(["1:e#1", "2:f#1", "3:e#2", "4:e#3"]);
  });

  it("goes on from the position that it took over", async () => {
    log.append("e", 1, { count: 3 });
    await hand.commit();
    const next = await openRecordedLog(hand.store);
    next.append("f", 1);
    await hand.commit();
    expect(next.heard).toEqual(["f#1@4"]);
    expect(hand.batches.at(-1)!.epoch).toBe(2);
  });

  it("writes all rows of an execution in the batch of its events", async () => {
    const row = startOf("e");
    const changed = { executionId: "f", status: "PAUSED", wakeAtMs: 99 } as const;
    const ended = { executionId: "e", status: "CANCELLED", endedAtMs: 9 } as const;
    const snapshot = { executionId: "f", sequence: 1, schemaVersion: 1, body: "{}" };
    log.append("e", 1, { started: row, ended });
    log.append("f", 1, { started: startOf("f") });
    log.append("f", 2, { changed, snapshot });
    await hand.commit();
    expect(hand.batches[0]).toMatchObject({ changed: [changed], ended: [ended], snapshots: [snapshot] });
    expect(log.heard).toEqual(["e#1@1", "f#1@2", "f#2@3"]);
    expect(await hand.store.getExecution("default", "e")).toEqual({ ...row, ...ended });
    expect(await hand.store.getExecution("default", "f")).toEqual({ ...startOf("f"), ...changed });
    expect(await hand.store.readSnapshot("f")).toEqual(snapshot);
  });

  it("commits rows without an event", async () => {
    log.append("e", 1, { started: startOf("e") });
    await hand.commit();
    log.append("e", 2, { count: 0, changed: { executionId: "e", status: "RUNNING", wakeAtMs: 5 } });
    await hand.commit();
    expect(log.heard).toEqual(["e#1@1", "e#2@2"]);
    expect(await hand.store.listSleeping(shard, 5, beforeSleepers, 1)).toEqual([
      { executionId: "e", wakeAtMs: 5 },
    ]);
  });

  it("bounds a commit by its events, but never cuts an entry", async () => {
    log.append("e", 1, { count: 1_500 });
    log.append("f", 1, { count: 500 });
    log.append("g", 1);
    log.append("h", 1, { count: 2_500 });
    log.append("i", 1);
    await hand.commitAll();
    expect(hand.batches.map(({ events }) => events.length)).toEqual([2_000, 1, 2_500, 1]);
    expect(log.heard).toEqual(["e#1@1", "f#1@1501", "g#1@2001", "h#1@2002", "i#1@4502"]);
  });

  it("bounds a commit by its text too: payloads, bodies and snapshots", async () => {
    const mebibyte = 1024 * 1024;
    const large = jsonText(JSON.stringify("x".repeat(mebibyte - 100)));
    const succeeded = { kind: "step.succeeded", step: "a", attempt: 1, send: 1, payload: large } as const;
    const events = (sequence: number) => [{ sequence, timeMs: 7, event: succeeded }];
    const snapshot = { executionId: "f", sequence: 1, schemaVersion: 1, body: "x".repeat(9 * mebibyte) };
    for (let sequence = 1; sequence <= 20; sequence++)
      log.append("e", sequence, { events: events(sequence) });
    log.append("f", 1, { snapshot });
    log.append("f", 2);
    await hand.commitAll();
    expect(hand.batches.map((batch) => batch.events.length)).toEqual([8, 8, 4, 1, 1]);
  });

  it("commits what a release appends", async () => {
    log.append("e", 0, { count: 0, release: () => log.append("e", 1) });
    await turn();
    expect(placesOf(hand.batches[0]!.events)).toEqual(["1:e#1"]);
  });
});

describe("a barrier", () => {
  it("is open when nothing is on its way", async () => {
    log.barrier("at once");
    expect(log.heard).toEqual(["at once"]);
    log.append("e", 1);
    await hand.commit();
    log.barrier("again at once");
    expect(log.heard.at(-1)).toBe("again at once");
  });

  it("waits for what was appended before it, and not for what comes after", async () => {
    log.append("e", 1);
    log.barrier("after e1");
    await turn();
    log.append("e", 2);
    log.barrier("after e2");
    expect(log.heard).toEqual([]);
    await hand.commit();
    expect(log.heard).toEqual(["e#1@1", "after e1"]);
    await hand.commit();
    expect(log.heard).toEqual(["e#1@1", "after e1", "e#2@2", "after e2"]);
  });

  it("writes nothing itself", async () => {
    log.append("e", 1);
    await turn();
    log.barrier("alone");
    await hand.commit();
    expect(log.heard).toEqual(["e#1@1", "alone"]);
    expect(hand.batches).toHaveLength(1);
  });
});

describe("idle", () => {
  it("comes when all that was appended is log.heard", async () => {
    await log.log.idle();
    log.append("e", 1);
    await turn();
    log.append("e", 2);
    const idle = log.log.idle().then(() => log.heard.push("idle"));
    await hand.commit();
    expect(log.heard).toEqual(["e#1@1"]);
    await hand.commit();
    await idle;
    expect(log.heard).toEqual(["e#1@1", "e#2@2", "idle"]);
  });
});

describe("a stop", () => {
  it("comes when all that was appended is released, and takes nothing more", async () => {
    log.append("e", 1);
    await turn();
    log.append("e", 2);
    const stopped = log.log.stop();
    await hand.commitAll();
    await stopped;
    log.append("e", 3);
    log.barrier("after e3");
    expect(log.heard).toEqual(["e#1@1", "e#2@2", "e#3 STOPPED", "after e3 STOPPED"]);
    expect(hand.batches).toHaveLength(2);
  });

  it("tries once more while the disk is full, and then gives up what has no room", async () => {
    log.append("e", 1);
    await hand.refuse("FULL");
    const stopped = log.log.stop();
    await hand.refuse("FULL");
    await stopped;
    expect(log.heard).toEqual(["blocked: the hand says no", "e#1 STOPPED"]);
    expect(log.clock.armed).toBe(0);
  });
});
