import { describe, expect, it } from "vitest";
import { idOf, ownShard, sampleEvent, upTo } from "./store-samples.contract.ts";
import type { StoreUnderTest } from "./store-under-test.contract.ts";

const mebibyte = 1024 * 1024;

export function describeEvents(tested: StoreUnderTest): void {
  describe("the log", () => {
    it("gives back exactly what was written", async () => {
      const log = await ownShard(tested.store);
      const events = [
        sampleEvent(1, 1, { kind: "execution.started", body: '{"createdBy":"Zoë \\u0000 \\ud800 𝒳 日本"}' }),
        sampleEvent(1, 2, { payload: null, schemaVersion: 7 }),
        sampleEvent(1, 3, { payload: "null", timeMs: 0 }),
        sampleEvent(1, 4, { payload: JSON.stringify("😀\n\"\\'; DROP TABLE workflow_events; --") }),
      ];
      await log.commit({ events });
      const placed = events.map((event, index) => ({ position: index + 1, ...event }));
      expect(await tested.store.readLog(0, 0, 10)).toEqual(placed);
      expect(await tested.store.readEvents(idOf(1), 0, 10)).toEqual(placed);
    });

    it("holds payloads of 1 MiB, in ASCII and beyond", async () => {
      const log = await ownShard(tested.store);
      const payloads = ["x".repeat(mebibyte), "日".repeat(mebibyte / 3), "😀".repeat(mebibyte / 4)];
      const events = payloads.map((text, index) =>
        sampleEvent(1, index + 1, { payload: JSON.stringify(text) }),
      );
      await log.commit({ events });
      const read = await tested.store.readEvents(idOf(1), 0, 10);
      expect(read.map(({ payload }) => payload)).toEqual(events.map(({ payload }) => payload));
    });

    it("is read page by page, by position", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ events: upTo(4).map((sequence) => sampleEvent(1, sequence)) });
      await log.commit({ events: upTo(3).map((sequence) => sampleEvent(2, sequence)) });
      const positions = async (after: number, limit: number) =>
        (await tested.store.readLog(0, after, limit)).map(({ position }) => position);
      expect(await positions(0, 3)).toEqual([1, 2, 3]);
      expect(await positions(3, 3)).toEqual([4, 5, 6]);
      expect(await positions(6, 3)).toEqual([7]);
      expect(await positions(7, 3)).toEqual([]);
    });

    it("is read page by page, by execution, whatever lies between", async () => {
      const log = await ownShard(tested.store);
      for (const sequence of upTo(5))
        await log.commit({ events: [sampleEvent(1, sequence), sampleEvent(2, sequence)] });
      const sequences = async (after: number, limit: number) =>
        (await tested.store.readEvents(idOf(2), after, limit)).map(({ sequence }) => sequence);
      expect(await sequences(0, 3)).toEqual([1, 2, 3]);
      expect(await sequences(3, 3)).toEqual([4, 5]);
      expect(await sequences(5, 3)).toEqual([]);
      expect(await tested.store.readEvents(idOf(3), 0, 3)).toEqual([]);
    });

    it("goes on densely after a restart", async () => {
      const before = await ownShard(tested.store);
      await before.commit({ events: upTo(3).map((sequence) => sampleEvent(1, sequence)) });
      const after = await ownShard(await tested.reopen());
      await after.commit({ events: upTo(2).map((sequence) => sampleEvent(2, sequence)) });
      const read = await tested.store.readLog(0, 0, 10);
      expect(read.map(({ position, sequence }) => [position, sequence])).toEqual([
        [1, 1],
        [2, 2],
        [3, 3],
        [4, 1],
        [5, 2],
      ]);
    });
  });
}
