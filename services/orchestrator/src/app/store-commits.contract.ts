import { describe, expect, it } from "vitest";
import {
  committed,
  idOf,
  ownShard,
  refused,
  sampleChange,
  sampleEnd,
  sampleEvent,
  sampleExecution,
  sampleSnapshot,
  upTo,
} from "./store-samples.contract.ts";
import type { StoreUnderTest } from "./store-under-test.contract.ts";

export function describeCommits(tested: StoreUnderTest): void {
  describe("a commit", () => {
    it("starts and ends an execution in one batch", async () => {
      const log = await ownShard(tested.store);
      const row = sampleExecution(1, { requestId: "r", requestDigest: "d", labels: { team: "ö😀" } });
      const outcome = await log.commit({
        events: [sampleEvent(1, 1), sampleEvent(1, 2)],
        started: [row],
        ended: [sampleEnd(1, { status: "FAILED" })],
      });
      expect(outcome).toEqual(committed(4));
      expect(await tested.store.getExecution("default", idOf(1))).toEqual({
        ...row,
        status: "FAILED",
        endedAtMs: sampleEnd(1).endedAtMs,
      });
      expect(await tested.store.listUnfinished(0, "", 10)).toEqual([]);
    });

    it("ends an execution that an earlier one started", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ started: [sampleExecution(1), sampleExecution(2)] });
      await log.commit({ ended: [sampleEnd(1)] });
      const [second, first] = await tested.store.listExecutions({ namespace: "default", limit: 10 });
      expect(first).toMatchObject({ status: "SUCCEEDED", endedAtMs: sampleEnd(1).endedAtMs });
      expect(second).toEqual(sampleExecution(2));
    });

    it("may hold nothing but events, nothing but starts, or nothing", async () => {
      const log = await ownShard(tested.store);
      expect(await log.commit({ events: [sampleEvent(1, 1)] })).toEqual(committed(1));
      expect(await log.commit({ started: [sampleExecution(1)] })).toEqual(committed(1));
      expect(await log.commit({ changed: [sampleChange(1)] })).toEqual(committed(1));
      expect(await log.commit({ snapshots: [sampleSnapshot(1, 1)] })).toEqual(committed(1));
      expect(await log.commit({})).toEqual(committed(0));
    });

    it("counts every row that it wrote", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ started: [sampleExecution(1), sampleExecution(2)] });
      const outcome = await log.commit({
        events: [sampleEvent(1, 1), sampleEvent(2, 1), sampleEvent(3, 1)],
        started: [sampleExecution(3), sampleExecution(4)],
        changed: [sampleChange(1), sampleChange(1, { wakeAtMs: null }), sampleChange(3)],
        ended: [sampleEnd(1), sampleEnd(2)],
        snapshots: [sampleSnapshot(3, 1), sampleSnapshot(3, 2)],
      });
      expect(outcome).toEqual(committed(12));
    });

    it("may hold 2,000 events", async () => {
      const log = await ownShard(tested.store);
      const events = upTo(2_000).map((sequence) => sampleEvent(1, sequence));
      expect(await log.commit({ events })).toEqual(committed(2_000));
      const read = await tested.store.readLog(0, 0, 3_000);
      expect(read).toEqual(events.map((event, index) => ({ position: index + 1, ...event })));
    });

    it("takes the same request id in another namespace, and any number of starts without one", async () => {
      const log = await ownShard(tested.store);
      const elsewhere = sampleExecution(2, { requestId: "r", namespace: "other" });
      const started = [
        sampleExecution(1, { requestId: "r" }),
        elsewhere,
        sampleExecution(3),
        sampleExecution(4),
      ];
      expect(await log.commit({ started })).toEqual(committed(4));
      expect(await tested.store.findRequest("default", "r")).toEqual(started[0]);
      expect(await tested.store.findRequest("other", "r")).toEqual(elsewhere);
      expect(await tested.store.findRequest("other", "s")).toBeUndefined();
    });

    it("comes after those made before, without waiting for their outcomes", async () => {
      const log = await ownShard(tested.store);
      const batches = upTo(50).map((sequence) => log.place({ events: [sampleEvent(1, sequence)] }));
      const outcomes = await Promise.all(batches.map((batch) => tested.store.commit(batch)));
      expect(outcomes).toEqual(batches.map(() => committed(1)));
    });

    it("is seen by every read that follows its outcome", async () => {
      const log = await ownShard(tested.store);
      for (const number of upTo(50)) {
        await log.commit({ events: [sampleEvent(number, 1)], started: [sampleExecution(number)] });
        expect(await tested.store.readEvents(idOf(number), 0, 1)).toHaveLength(1);
        expect(await tested.store.getExecution("default", idOf(number))).toBeDefined();
      }
    });

    it("in flight is waited for when the store closes; later ones are refused", async () => {
      const log = await ownShard(tested.store);
      const first = tested.store.commit(log.place({ events: [sampleEvent(1, 1)] }));
      const second = tested.store.commit(log.place({ events: [sampleEvent(1, 2)] }));
      await tested.store.close();
      expect(await Promise.all([first, second])).toEqual([committed(1), committed(1)]);
      expect(await log.commit({ events: [sampleEvent(1, 3)] })).toEqual(refused("FAILED"));
      await expect(tested.store.readLog(0, 0, 1)).rejects.toThrow(/closed/);
      await tested.store.close();
      expect(await (await tested.reopen()).takeOwnership(0)).toMatchObject({ position: 2 });
    });
  });
}
