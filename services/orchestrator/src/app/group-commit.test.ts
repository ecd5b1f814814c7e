import { beforeEach, describe, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { GroupCommit } from "./group-commit.ts";
import { HandStore, turn } from "./hand-store.fixture.ts";
import type { ExecutionRow, StoredEvent } from "./store.ts";

const shard = 3;
let hand: HandStore;
let log: GroupCommit;
/** What has been released, each with its position. */
let released: string[];
let refusals: string[];

beforeEach(async () => {
  hand = new HandStore(openMemoryStore());
  released = [];
  refusals = [];
  const ownership = await hand.store.takeOwnership(shard);
  log = new GroupCommit(hand.store, shard, ownership, ({ reason }) => refusals.push(reason));
});

/** Events of the execution from its `sequence` on. */
function append(executionId: string, sequence: number, count = 1): void {
  const events = Array.from({ length: count }, (_, index) => ({
    sequence: sequence + index,
    timeMs: 7,
    event: { kind: "step.cancelled", step: "a" } as const,
  }));
  const release = (position: number) => void released.push(`${executionId}#${sequence}@${position}`);
  log.append({ executionId, events, release });
}

function barrier(name: string): void {
  log.barrier(() => released.push(name));
}

function placesOf(events: readonly StoredEvent[]): readonly string[] {
  return events.map(({ position, executionId, sequence }) => `${position}:${executionId}#${sequence}`);
}

describe("the log", () => {
  it("commits a lone entry at once, and releases it when it is on disk", async () => {
    append("e", 1);
    await turn();
    expect(placesOf(hand.batches[0]!.events)).toEqual(["1:e#1"]);
    expect(hand.batches[0]).toMatchObject({ shard, epoch: 1 });
    expect(released).toEqual([]);
    await hand.commit();
    expect(released).toEqual(["e#1@1"]);
  });

  it("takes along what the same turn appends", async () => {
    append("e", 1, 2);
    append("f", 1);
    await hand.commit();
    expect(hand.batches).toHaveLength(1);
    expect(released).toEqual(["e#1@1", "f#1@3"]);
  });

  it("gathers while a commit is under way, and never has two", async () => {
    append("e", 1);
    await turn();
    append("f", 1);
    await turn();
    append("e", 2, 2);
    await turn();
    expect(hand.underWay).toBe(1);
    await hand.commit();
    expect(released).toEqual(["e#1@1"]);
    expect(hand.batches.map(({ events }) => placesOf(events))).toEqual([
      ["1:e#1"],
      ["2:f#1", "3:e#2", "4:e#3"],
    ]);
    await hand.commit();
    expect(released).toEqual(["e#1@1", "f#1@2", "e#2@3"]);
    expect(placesOf(await hand.store.readLog(shard, 0, 10))).toEqual(["1:e#1", "2:f#1", "3:e#2", "4:e#3"]);
  });

  it("goes on from the position that it took over", async () => {
    append("e", 1, 3);
    await hand.commit();
    const next = new GroupCommit(hand.store, shard, await hand.store.takeOwnership(shard), () => {});
    next.append({
      executionId: "f",
      events: [{ sequence: 1, timeMs: 7, event: { kind: "execution.timed_out" } }],
      release: (position) => released.push(`f@${position}`),
    });
    await hand.commit();
    expect(released.at(-1)).toBe("f@4");
    expect(hand.batches.at(-1)!.epoch).toBe(2);
  });

  it("writes starts and ends in the batch of their events", async () => {
    const row: ExecutionRow = {
      executionId: "e",
      shard,
      namespace: "default",
      workflow: "w",
      version: 1,
      status: "RUNNING",
      labels: {},
      createdBy: "ada",
      requestId: null,
      requestDigest: null,
      startedAtMs: 7,
      endedAtMs: null,
    };
    const ended = { executionId: "e", status: "CANCELLED", endedAtMs: 9 } as const;
    const events = [{ sequence: 1, timeMs: 7, event: { kind: "execution.cancelled", reason: "" } }] as const;
    log.append({ executionId: "e", events, started: row, ended, release: () => {} });
    append("f", 1);
    await hand.commit();
    expect(hand.batches[0]).toMatchObject({ started: [row], ended: [ended] });
    expect(await hand.store.getExecution("default", "e")).toEqual({ ...row, ...ended });
  });

  it("bounds a commit, but never cuts an entry", async () => {
    append("e", 1, 1_500);
    append("f", 1, 500);
    append("g", 1, 1);
    append("h", 1, 2_500);
    append("i", 1, 1);
    await hand.commitAll();
    expect(hand.batches.map(({ events }) => events.length)).toEqual([2_000, 1, 2_500, 1]);
    expect(released).toEqual(["e#1@1", "f#1@1501", "g#1@2001", "h#1@2002", "i#1@4502"]);
  });

  it("commits what a release appends", async () => {
    log.append({ executionId: "e", events: [], release: () => append("e", 1) });
    await turn();
    expect(placesOf(hand.batches[0]!.events)).toEqual(["1:e#1"]);
  });
});

describe("a barrier", () => {
  it("is open when nothing is on its way", async () => {
    barrier("at once");
    expect(released).toEqual(["at once"]);
    append("e", 1);
    await hand.commit();
    barrier("again at once");
    expect(released.at(-1)).toBe("again at once");
  });

  it("waits for what was appended before it, and not for what comes after", async () => {
    append("e", 1);
    barrier("after e1");
    await turn();
    append("e", 2);
    barrier("after e2");
    expect(released).toEqual([]);
    await hand.commit();
    expect(released).toEqual(["e#1@1", "after e1"]);
    await hand.commit();
    expect(released).toEqual(["e#1@1", "after e1", "e#2@2", "after e2"]);
  });

  it("writes nothing itself", async () => {
    append("e", 1);
    await turn();
    barrier("alone");
    await hand.commit();
    expect(released).toEqual(["e#1@1", "alone"]);
    expect(hand.batches).toHaveLength(1);
  });
});

describe("a refused commit", () => {
  it("releases nothing, neither then nor ever after, and says so once", async () => {
    append("e", 1);
    await turn();
    append("e", 2);
    barrier("after e2");
    await hand.refuse("FULL");
    append("f", 1);
    barrier("after f");
    await turn();
    expect(refusals).toEqual(["FULL"]);
    expect(released).toEqual([]);
    expect(hand.batches).toHaveLength(1);
  });

  it("lets nobody wait for idleness", async () => {
    append("e", 1);
    const idle = log.idle();
    await hand.refuse("FENCED");
    await idle;
    await log.idle();
  });
});

describe("idle", () => {
  it("comes when all that was appended is released", async () => {
    await log.idle();
    append("e", 1);
    await turn();
    append("e", 2);
    const idle = log.idle().then(() => released.push("idle"));
    await hand.commit();
    expect(released).toEqual(["e#1@1"]);
    await hand.commit();
    await idle;
    expect(released).toEqual(["e#1@1", "e#2@2", "idle"]);
  });
});
