import { describe, expect, it } from "vitest";
import { beforeSleepers } from "./store.ts";
import {
  idOf,
  ownShard,
  sampleChange,
  sampleEnd,
  sampleExecution,
  sampleSnapshot,
  startOfTime,
  upTo,
} from "./store-samples.contract.ts";
import type { StoreUnderTest } from "./store-under-test.contract.ts";

export function describeTakeOver(tested: StoreUnderTest): void {
  describe("a list of unfinished executions", () => {
    it("has those of a shard that have not ended, by id, page by page", async () => {
      const first = await ownShard(tested.store, 0);
      const second = await ownShard(tested.store, 1);
      await first.commit({ started: [5, 3, 1, 4, 2].map((number) => sampleExecution(number)) });
      await second.commit({ started: [sampleExecution(6, { shard: 1, namespace: "other" })] });
      await first.commit({ ended: [sampleEnd(2), sampleEnd(5, { status: "FAILED" })] });
      const ids = async (shard: number, after: string, limit: number) =>
        (await tested.store.listUnfinished(shard, after, limit)).map(({ executionId }) => executionId);
      expect(await ids(0, "", 2)).toEqual([idOf(1), idOf(3)]);
      expect(await ids(0, idOf(3), 2)).toEqual([idOf(4)]);
      expect(await ids(0, idOf(4), 2)).toEqual([]);
      expect(await ids(1, "", 2)).toEqual([idOf(6, 1)]);
      expect(await tested.store.listUnfinished(1, "", 1)).toEqual([
        sampleExecution(6, { shard: 1, namespace: "other" }),
      ]);
    });

    it("has none that sleep, until they are awake again", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ started: upTo(3).map((number) => sampleExecution(number)) });
      await log.commit({ changed: [sampleChange(1), sampleChange(3)] });
      const ids = async () =>
        (await tested.store.listUnfinished(0, "", 10)).map(({ executionId }) => executionId);
      expect(await ids()).toEqual([idOf(2)]);
      await log.commit({ changed: [sampleChange(3, { wakeAtMs: null })] });
      expect(await ids()).toEqual([idOf(2), idOf(3)]);
    });
  });

  describe("a change", () => {
    it("gives an execution a status and a time to wake up, and takes both back", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ started: [sampleExecution(1)] });
      const asleep = sampleChange(1, { status: "PAUSED", wakeAtMs: startOfTime + 60_000 });
      await log.commit({ changed: [asleep] });
      expect(await tested.store.getExecution("default", idOf(1))).toEqual({
        ...sampleExecution(1),
        ...asleep,
      });
      await log.commit({ changed: [sampleChange(1, { wakeAtMs: null })] });
      expect(await tested.store.getExecution("default", idOf(1))).toEqual(sampleExecution(1));
    });

    it("comes after the start and before the end in its batch; the last of several counts", async () => {
      const log = await ownShard(tested.store);
      await log.commit({
        started: [sampleExecution(1), sampleExecution(2)],
        changed: [sampleChange(1), sampleChange(2, { wakeAtMs: 5 }), sampleChange(2, { wakeAtMs: 7 })],
        ended: [sampleEnd(1)],
      });
      const ended = { ...sampleExecution(1), ...sampleEnd(1) };
      expect(await tested.store.getExecution("default", idOf(1))).toEqual(ended);
      expect(await tested.store.getExecution("default", idOf(2))).toMatchObject({ wakeAtMs: 7 });
    });
  });

  describe("a list of sleeping executions", () => {
    const forEver = Number.MAX_SAFE_INTEGER;

    const sleeping = async (shard: number, untilMs: number, limit = 10) =>
      (await tested.store.listSleeping(shard, untilMs, beforeSleepers, limit)).map(
        ({ executionId }) => executionId,
      );

    it("has those of a shard whose time has come, the soonest first", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ started: upTo(5).map((number) => sampleExecution(number)) });
      const wakeAtMs = [30, 10, 20, 10];
      await log.commit({ changed: wakeAtMs.map((ms, at) => sampleChange(at + 1, { wakeAtMs: ms })) });
      expect(await tested.store.listSleeping(0, 20, beforeSleepers, 10)).toEqual([
        { executionId: idOf(2), wakeAtMs: 10 },
        { executionId: idOf(4), wakeAtMs: 10 },
        { executionId: idOf(3), wakeAtMs: 20 },
      ]);
      expect(await sleeping(0, 9)).toEqual([]);
      expect(await sleeping(0, 100, 2)).toEqual([idOf(2), idOf(4)]);
      expect(await sleeping(1, 100)).toEqual([]);
    });

    it("loses those that are awake again, and those that have ended", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ started: upTo(3).map((number) => sampleExecution(number)) });
      await log.commit({ changed: upTo(3).map((number) => sampleChange(number)) });
      await log.commit({ changed: [sampleChange(2, { wakeAtMs: null })], ended: [sampleEnd(3)] });
      expect(await sleeping(0, forEver)).toEqual([idOf(1)]);
      expect(await tested.store.getExecution("default", idOf(3))).toMatchObject({ wakeAtMs: null });
    });

    it("has those that sleep until somebody wakes them after all others", async () => {
      const log = await ownShard(tested.store);
      const started = [sampleExecution(1, { wakeAtMs: forEver }), sampleExecution(2, { wakeAtMs: 5 })];
      await log.commit({ started });
      expect(await sleeping(0, forEver - 1)).toEqual([idOf(2)]);
      expect(await sleeping(0, forEver)).toEqual([idOf(2), idOf(1)]);
    });

    it("is there after a restart", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ started: [sampleExecution(1)], changed: [sampleChange(1, { wakeAtMs: 5 })] });
      const store = await tested.reopen();
      expect(await store.listSleeping(0, 5, beforeSleepers, 1)).toEqual([
        { executionId: idOf(1), wakeAtMs: 5 },
      ]);
    });
  });

  describe("a snapshot", () => {
    it("is read as it was written, by its execution", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ snapshots: [sampleSnapshot(1, 1_000), sampleSnapshot(2, 7)] });
      expect(await tested.store.readSnapshot(idOf(1))).toEqual(sampleSnapshot(1, 1_000));
      expect(await tested.store.readSnapshot(idOf(2))).toEqual(sampleSnapshot(2, 7));
      expect(await tested.store.readSnapshot(idOf(3))).toBeUndefined();
    });

    it("replaces the one before, in another batch and in the same", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ snapshots: [sampleSnapshot(1, 1_000)] });
      await log.commit({ snapshots: [sampleSnapshot(1, 2_000), sampleSnapshot(1, 3_000)] });
      expect(await tested.store.readSnapshot(idOf(1))).toEqual(sampleSnapshot(1, 3_000));
    });

    it("may be large, outlives the end of its execution, and is there after a restart", async () => {
      const log = await ownShard(tested.store);
      const large = { ...sampleSnapshot(1, 9), body: JSON.stringify("日".repeat(1024 * 1024)) };
      await log.commit({ started: [sampleExecution(1)], snapshots: [large], ended: [sampleEnd(1)] });
      expect(await (await tested.reopen()).readSnapshot(idOf(1))).toEqual(large);
    });
  });
}
