import { describe, expect, it } from "vitest";
import { StoreLost } from "./store.ts";
import {
  committed,
  emptyBatch,
  idOf,
  ownShard,
  sampleEnd,
  sampleEvent,
  sampleExecution,
  sampleWorkflow,
} from "./store-samples.contract.ts";
import type { StoreUnderTest } from "./store-under-test.contract.ts";

export function describeOwnership(tested: StoreUnderTest): void {
  describe("ownership", () => {
    it("finds an empty shard at position 0", async () => {
      expect(await tested.store.takeOwnership(0)).toEqual({ epoch: expect.any(Number), position: 0 });
    });

    it("raises the epoch with every take-over", async () => {
      const first = await tested.store.takeOwnership(0);
      const second = await tested.store.takeOwnership(0);
      expect(second.epoch).toBeGreaterThan(first.epoch);
    });

    it("raises the epoch over a restart too", async () => {
      const before = await tested.store.takeOwnership(0);
      const after = await (await tested.reopen()).takeOwnership(0);
      expect(after.epoch).toBeGreaterThan(before.epoch);
    });

    it("tells the position of the newest event", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ events: [sampleEvent(1, 1), sampleEvent(1, 2)] });
      expect(await tested.store.takeOwnership(0)).toMatchObject({ position: 2 });
    });

    it("fences a commit with an older epoch, and writes nothing of it", async () => {
      const former = await ownShard(tested.store);
      await former.commit({ started: [sampleExecution(1)] });
      await ownShard(tested.store);
      const outcome = await former.commit({
        events: [sampleEvent(1, 1)],
        started: [sampleExecution(2)],
        ended: [sampleEnd(1)],
      });
      expect(outcome).toMatchObject({ kind: "refused", reason: "FENCED" });
      expect(await tested.store.readLog(0, 0, 10)).toEqual([]);
      expect(await tested.store.getExecution("default", idOf(2))).toBeUndefined();
      expect(await tested.store.getExecution("default", idOf(1))).toEqual(sampleExecution(1));
    });

    it("fences the owner of before a restart", async () => {
      const former = await ownShard(tested.store);
      const store = await tested.reopen();
      await store.takeOwnership(0);
      const outcome = await store.commit(former.place({ events: [sampleEvent(1, 1)] }));
      expect(outcome).toMatchObject({ kind: "refused", reason: "FENCED" });
    });

    it("fences a commit to a shard that nobody has taken", async () => {
      const batch = { ...emptyBatch(3, 1), started: [sampleExecution(1)] };
      expect(await tested.store.commit(batch)).toMatchObject({ kind: "refused", reason: "FENCED" });
      expect(await tested.store.getExecution("default", idOf(1))).toBeUndefined();
    });

    it("keeps epochs and positions of shards apart", async () => {
      const first = await ownShard(tested.store, 0);
      const second = await ownShard(tested.store, 1);
      await tested.store.takeOwnership(1);
      const third = await ownShard(tested.store, 2);
      expect(await first.commit({ events: [sampleEvent(1, 1), sampleEvent(1, 2)] })).toEqual(committed(2));
      expect(await second.commit({ events: [sampleEvent(2, 1)] })).toMatchObject({ reason: "FENCED" });
      expect(await third.commit({ events: [sampleEvent(3, 1)] })).toEqual(committed(1));
      expect(await tested.store.readLog(2, 0, 10)).toEqual([{ position: 1, ...sampleEvent(3, 1) }]);
      expect(await tested.store.readLog(0, 0, 10)).toHaveLength(2);
      expect(await tested.store.readLog(0, 2, 10)).toEqual([]);
      expect(await tested.store.takeOwnership(0)).toMatchObject({ position: 2 });
    });
  });

  describe("a closed store", () => {
    it("takes no batch, and rejects every other call as lost", async () => {
      const log = await ownShard(tested.store);
      await tested.store.close();
      expect(await log.commit({ events: [sampleEvent(1, 1)] })).toMatchObject({ reason: "FAILED" });
      const { store } = tested;
      const calls = [
        store.takeOwnership(0),
        store.readEvents(idOf(1), 0, 1),
        store.getExecution("default", idOf(1)),
        store.putWorkflow(sampleWorkflow("release", 1)),
      ];
      for (const call of calls) await expect(call).rejects.toThrow(StoreLost);
    });
  });
}
