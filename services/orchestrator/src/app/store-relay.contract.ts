import { describe, expect, it } from "vitest";
import { digestOf, digestPageCharsMax } from "./payload-digest.ts";
import { ownShard, sampleEvent, upTo } from "./store-samples.contract.ts";
import type { StoreUnderTest } from "./store-under-test.contract.ts";

export function describeRelayReads(tested: StoreUnderTest): void {
  describe("the log for those who read it as a whole", () => {
    it("tells payloads by size and digest, and the rest as it was written", async () => {
      const log = await ownShard(tested.store);
      const [whole, none] = [sampleEvent(1, 1, { payload: '"日本"' }), sampleEvent(1, 2, { payload: null })];
      await log.commit({ events: [whole, none] });
      const { payload: _, ...first } = whole;
      const { payload: __, ...second } = none;
      expect(await tested.store.readDigests(0, 0, 10)).toEqual([
        { position: 1, ...first, digest: { bytes: 8, sha256: digestOf('"日本"').sha256 } },
        { position: 2, ...second, digest: null },
      ]);
    });

    it("is read page by page, by position, and of one shard", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ events: upTo(5).map((sequence) => sampleEvent(1, sequence)) });
      await (await ownShard(tested.store, 1)).commit({ events: [sampleEvent(2, 1)] });
      const positions = async (after: number, limit: number) =>
        (await tested.store.readDigests(0, after, limit)).map(({ position }) => position);
      expect(await positions(0, 3)).toEqual([1, 2, 3]);
      expect(await positions(3, 3)).toEqual([4, 5]);
      expect(await positions(5, 3)).toEqual([]);
    });

    it("ends a page early where bodies are long, and never before its first event", async () => {
      const log = await ownShard(tested.store);
      const body = JSON.stringify("x".repeat(digestPageCharsMax));
      const events = [
        sampleEvent(1, 1, { body }),
        sampleEvent(1, 2, { body }),
        sampleEvent(1, 3),
        sampleEvent(1, 4),
      ];
      await log.commit({ events });
      const positions = async (after: number) =>
        (await tested.store.readDigests(0, after, 10)).map(({ position }) => position);
      expect(await positions(0)).toEqual([1]);
      expect(await positions(1)).toEqual([2]);
      expect(await positions(2)).toEqual([3, 4]);
    });

    it("is not cut short by payloads, however large", async () => {
      const log = await ownShard(tested.store);
      const payload = JSON.stringify("x".repeat(digestPageCharsMax));
      await log.commit({ events: upTo(3).map((sequence) => sampleEvent(1, sequence, { payload })) });
      expect(await tested.store.readDigests(0, 0, 10)).toHaveLength(3);
    });

    it("has a name that it keeps over a restart", async () => {
      const name = await tested.store.logId();
      expect(name).toMatch(/^[0-9a-f]{32}$/);
      expect(await (await tested.reopen()).logId()).toBe(name);
    });
  });

  describe("the relay's cursor", () => {
    it("is 0 at first, and then what was saved last, by shard and over a restart", async () => {
      await ownShard(tested.store);
      await ownShard(tested.store, 1);
      expect(await tested.store.readCursor(0)).toBe(0);
      await tested.store.saveCursor(0, 7);
      await tested.store.saveCursor(1, 3);
      await tested.store.saveCursor(0, 9);
      const store = await tested.reopen();
      expect([await store.readCursor(0), await store.readCursor(1), await store.readCursor(2)]).toEqual([
        9, 3, 0,
      ]);
    });
  });
}
