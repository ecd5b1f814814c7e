import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { openSqliteStore } from "../adapters/store-sqlite.ts";
import { FaultyStore } from "./faulty-store.fixture.ts";
import { turn } from "./hand-store.fixture.ts";
import { openRecordedLog, placesIn, placesOf, type RecordedLog, startOf } from "./recorded-log.fixture.ts";
import type { Store } from "./store.ts";

let folder = "";

const stores: readonly (readonly [string, () => Promise<Store>])[] = [
  ["in memory", async () => openMemoryStore()],
  ["on SQLite", () => openSqliteStore(folder)],
];

describe.each(stores)("a log %s", (_, open) => {
  let inner: Store;
  let faulty: FaultyStore;
  let log: RecordedLog;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "weft-log-"));
    inner = await open();
    faulty = new FaultyStore(inner);
    log = await openRecordedLog(faulty.store);
  });

  afterEach(async () => {
    await inner.close();
    await rm(folder, { recursive: true });
  });

  /** Long enough for a commit to begin, too short for it to end. */
  const begun = (): Promise<void> => Promise.resolve();
  /** What each commit was asked to write. */
  const asked = (): readonly string[] => faulty.batches.map(({ events }) => placesOf(events).join(" "));

  describe("with a row that can't be written", () => {
    it("quarantines the execution of that row, and commits all others at dense positions", async () => {
      faulty.poisoned.add("c");
      for (const id of ["a", "b", "c", "d", "e"]) log.append(id, 1);
      await log.log.idle();
      expect(log.heard).toEqual([
        "a#1@1",
        "b#1@2",
        "c#1 QUARANTINED",
        "quarantined c: execution c is poisoned",
        "d#1@3",
        "e#1@4",
      ]);
      expect(await placesIn(inner)).toEqual(["1:a#1", "2:b#1", "3:d#1", "4:e#1"]);
    });

    it("finds it by halves, and tries nothing that is known to fail", async () => {
      faulty.poisoned.add("b");
      for (const id of ["a", "b", "c", "d"]) log.append(id, 1);
      await log.log.idle();
      expect(asked()).toEqual(["1:a#1 2:b#1 3:c#1 4:d#1", "1:a#1 2:b#1", "1:a#1", "2:b#1", "2:c#1 3:d#1"]);
    });

    it("drops all that has gathered of that execution, whatever stands between", async () => {
      faulty.poisoned.add("b");
      for (const [id, sequence] of [
        ["a", 1],
        ["b", 1],
        ["a", 2],
        ["b", 2],
        ["c", 1],
      ] as const)
        log.append(id, sequence);
      await turn();
      log.append("b", 3);
      log.append("a", 3);
      await log.log.idle();
      expect(await placesIn(inner)).toEqual(["1:a#1", "2:a#2", "3:c#1", "4:a#3"]);
      expect(log.heard.filter((line) => line.startsWith("b"))).toEqual([
        "b#1 QUARANTINED",
        "b#2 QUARANTINED",
        "b#3 QUARANTINED",
      ]);
    });

    it("keeps what was durable of that execution before", async () => {
      log.append("a", 1);
      await log.log.idle();
      faulty.poisoned.add("a");
      log.append("a", 2);
      await log.log.idle();
      expect(log.heard).toEqual(["a#1@1", "a#2 QUARANTINED", "quarantined a: execution a is poisoned"]);
      expect(await placesIn(inner)).toEqual(["1:a#1"]);
    });

    it("takes nothing more of it, and barriers that look at it fall with it", async () => {
      faulty.poisoned.add("a");
      log.append("a", 1);
      log.barrier("looks at a", "a");
      log.barrier("looks at b", "b");
      log.barrier("looks at nobody");
      await log.log.idle();
      log.append("a", 2);
      log.barrier("looks at a again", "a");
      expect(log.heard).toEqual([
        "a#1 QUARANTINED",
        "looks at a QUARANTINED",
        "quarantined a: execution a is poisoned",
        "looks at b",
        "looks at nobody",
        "a#2 QUARANTINED",
        "looks at a again QUARANTINED",
      ]);
    });

    it("finds several of them", async () => {
      for (const id of ["a", "d", "h"]) faulty.poisoned.add(id);
      for (const id of "abcdefgh") log.append(id, 1);
      await log.log.idle();
      expect(await placesIn(inner)).toEqual(["1:b#1", "2:c#1", "3:e#1", "4:f#1", "5:g#1"]);
      expect(log.heard.filter((line) => line.startsWith("quarantined"))).toHaveLength(3);
    });

    it("finds what the store itself refuses: an event that is there, an execution that is not", async () => {
      log.append("a", 1, { started: startOf("a") });
      await log.log.idle();
      log.append("b", 1, { started: startOf("b") });
      log.append("a", 1);
      log.append("c", 1, { ended: { executionId: "c", status: "SUCCEEDED", endedAtMs: 9 } });
      log.append("d", 1, { changed: { executionId: "d", status: "RUNNING", wakeAtMs: 5 } });
      log.append("e", 1);
      await log.log.idle();
      expect(await placesIn(inner)).toEqual(["1:a#1", "2:b#1", "3:e#1"]);
      const quarantined = log.heard.filter((line) => line.startsWith("quarantined"));
      expect(quarantined.map((line) => line.slice(0, 14))).toEqual([
        "quarantined a:",
        "quarantined c:",
        "quarantined d:",
      ]);
    });
  });

  describe("without room", () => {
    const blocked = "blocked: as the script says";
    const unblocked = "unblocked: the log can be written again";

    it("keeps everything in order, tries again ever more rarely, and loses nothing", async () => {
      faulty.fill(3);
      log.append("a", 1);
      await turn();
      log.append("b", 1);
      log.barrier("after b");
      for (const [pauseMs, tries] of [
        [50, 2],
        [100, 3],
      ] as const) {
        log.clock.advance(pauseMs - 1);
        await turn();
        expect(faulty.batches).toHaveLength(tries - 1);
        log.clock.advance(1);
        await turn();
        expect(faulty.batches).toHaveLength(tries);
      }
      expect(log.log.isBlocked).toBe(true);
      expect(log.heard).toEqual([blocked]);
      log.clock.advance(200);
      await log.log.idle();
      expect(log.heard).toEqual([blocked, unblocked, "a#1@1", "b#1@2", "after b"]);
      expect(log.log.isBlocked).toBe(false);
      expect(await placesIn(inner)).toEqual(["1:a#1", "2:b#1"]);
    });

    it("is not blocked for ever when the only entry that found no room is quarantined", async () => {
      faulty.poisoned.add("a");
      faulty.fill(1);
      log.append("a", 1);
      await turn();
      log.clock.advance(50);
      await log.log.idle();
      expect(log.heard.slice(0, 2)).toEqual([blocked, "a#1 QUARANTINED"]);
      expect(log.heard.at(-1)).toBe(unblocked);
      expect(log.log.isBlocked).toBe(false);
    });

    it("lets go of looks and of what was to start, with all that followed, and keeps the rest", async () => {
      faulty.fill(1);
      log.append("a", 1);
      log.append("b", 1, { started: startOf("b") });
      log.append("a", 2);
      await begun();
      log.append("b", 2);
      log.barrier("who looks at b", "b");
      log.append("c", 1, { started: startOf("c") });
      log.append("a", 3, { count: 0, isLook: true });
      await turn();
      const refused = ["b#1 NO_ROOM", "b#2 NO_ROOM", "who looks at b NO_ROOM", "c#1 NO_ROOM", "a#3 NO_ROOM"];
      expect(log.heard).toEqual([...refused, blocked]);
      log.clock.advance(50);
      await log.log.idle();
      expect(await placesIn(inner)).toEqual(["1:a#1", "2:a#2"]);
    });

    it("is not blocked for longer than a pause when nothing is left to keep", async () => {
      faulty.fill(1);
      log.append("a", 1, { started: startOf("a") });
      log.barrier("who looks");
      await turn();
      expect(log.heard).toEqual(["a#1 NO_ROOM", blocked]);
      log.clock.advance(50);
      await log.log.idle();
      expect(log.heard.slice(2)).toEqual(["who looks", unblocked]);
    });

    it("never pauses longer than two seconds", async () => {
      faulty.fill(100);
      log.append("a", 1);
      await turn();
      for (let tries = 1; tries <= 100; tries++) {
        log.clock.advance(2_000);
        await turn();
      }
      await log.log.idle();
      expect(log.heard).toEqual([blocked, unblocked, "a#1@1"]);
    });

    it("is blocked again by the next full disk, and says so again", async () => {
      faulty.fill(1);
      log.append("a", 1);
      await turn();
      log.clock.advance(50);
      await log.log.idle();
      faulty.fill(1);
      log.append("a", 2);
      await turn();
      log.clock.advance(50);
      await log.log.idle();
      expect(log.heard).toEqual([blocked, unblocked, "a#1@1", blocked, unblocked, "a#2@2"]);
    });

    it("goes on looking for a culprit where it was", async () => {
      faulty.poisoned.add("b");
      for (const id of ["a", "b", "c"]) log.append(id, 1);
      faulty.script(
        { kind: "held", until: Promise.resolve() },
        { kind: "refused", reason: "FULL" },
        { kind: "held", until: Promise.resolve() },
        { kind: "refused", reason: "FULL" },
      );
      const idle = log.log.idle();
      while (faulty.batches.length < 4) {
        await turn();
        log.clock.advance(50);
      }
      await turn();
      log.clock.advance(50);
      await idle;
      expect(await placesIn(inner)).toEqual(["1:a#1", "2:c#1"]);
      expect(log.heard.filter((line) => line.startsWith("quarantined"))).toHaveLength(1);
    });
  });

  describe("with an unknown outcome", () => {
    it.each([
      ["is on disk", true, false],
      ["is not on disk", false, false],
      ["is on disk, when the promise is rejected", true, true],
      ["is not on disk, when the promise is rejected", false, true],
    ])(
      "abandons all, releases nothing, and says so once, though the batch %s",
      async (__, isWritten, isRejected) => {
        faulty.script({ kind: "lost", isWritten, isRejected });
        log.append("a", 1);
        await begun();
        log.append("b", 1);
        log.barrier("after b");
        await log.log.idle();
        log.append("c", 1);
        log.barrier("after c");
        expect(log.heard).toEqual([
          "a#1 UNKNOWN",
          "b#1 UNKNOWN",
          "after b UNKNOWN",
          "unknown: the answer is lost",
          "c#1 UNKNOWN",
          "after c UNKNOWN",
        ]);
        expect(await placesIn(inner)).toEqual(isWritten ? ["1:a#1"] : []);
      },
    );

    it("goes on in a new log, from what is on disk", async () => {
      faulty.script({ kind: "lost", isWritten: true });
      log.append("a", 1);
      await log.log.idle();
      const next = await openRecordedLog(faulty.store);
      next.append("a", 2);
      await next.log.idle();
      expect(next.heard).toEqual(["a#2@2"]);
      expect(await placesIn(inner)).toEqual(["1:a#1", "2:a#2"]);
    });

    it("can't be overtaken: what still hangs is fenced by the log that follows", async () => {
      const { promise: until, resolve: letGo } = Promise.withResolvers<void>();
      faulty.script({ kind: "held", until });
      log.append("a", 1);
      await turn();
      const next = await openRecordedLog(faulty.store);
      next.append("b", 1);
      await next.log.idle();
      letGo();
      await log.log.idle();
      expect(log.heard).toEqual([
        "a#1 STOPPED",
        expect.stringMatching(/^fatal FENCED: shard 3 is owned at epoch 2/),
      ]);
      expect(await placesIn(inner)).toEqual(["1:b#1"]);
    });
  });

  describe("that is no longer the shard's", () => {
    it.each([
      ["FENCED", { kind: "refused", reason: "FENCED" }, "as the script says"],
      ["FAILED", { kind: "refused", reason: "FAILED" }, "as the script says"],
      ["FENCED", { kind: "short", rows: 1 }, "1 of 2 rows were written"],
    ] as const)("ends as %s, abandons all, and says so once", async (reason, fault, message) => {
      faulty.script(fault);
      log.append("a", 1, { started: startOf("a") });
      await begun();
      log.append("b", 1);
      log.barrier("after b");
      await log.log.idle();
      log.append("c", 1);
      expect(log.heard).toEqual([
        "a#1 STOPPED",
        "b#1 STOPPED",
        "after b STOPPED",
        `fatal ${reason}: ${message}`,
        "c#1 STOPPED",
      ]);
      expect(faulty.batches).toHaveLength(1);
    });

    it("ends when somebody else has written at its positions", async () => {
      const { batches } = faulty;
      log.append("a", 1);
      await log.log.idle();
      await inner.commit({
        ...batches[0]!,
        events: [{ ...batches[0]!.events[0]!, position: 2, executionId: "x" }],
      });
      log.append("a", 2);
      await log.log.idle();
      expect(log.heard.slice(1)).toEqual([
        "a#2 STOPPED",
        "fatal FENCED: position 2 in shard 3, where 3 is next",
      ]);
    });
  });

  it("waits for a commit that hangs, and gathers meanwhile", async () => {
    const { promise: until, resolve: letGo } = Promise.withResolvers<void>();
    faulty.script({ kind: "held", until });
    log.append("a", 1);
    await turn();
    log.append("b", 1);
    log.append("c", 1);
    await turn();
    expect(log.heard).toEqual([]);
    letGo();
    await log.log.idle();
    expect(asked()).toEqual(["1:a#1", "2:b#1 3:c#1"]);
    expect(log.heard).toEqual(["a#1@1", "b#1@2", "c#1@3"]);
  });
});
