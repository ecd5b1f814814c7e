import { describe, expect, it } from "vitest";
import type { CommitOutcome } from "./store.ts";
import {
  type BatchSample,
  idOf,
  ownShard,
  type SampleLog,
  sampleEnd,
  sampleEvent,
  sampleExecution,
  upTo,
} from "./store-samples.contract.ts";
import type { StoreUnderTest } from "./store-under-test.contract.ts";

const committed: CommitOutcome = { kind: "committed" };
const failed = { kind: "refused", reason: "FAILED", message: expect.stringMatching(/./) };

export function describeCommits(tested: StoreUnderTest): void {
  describe("a commit", () => {
    /** Commits the batch, which must be refused, after one that stands; nothing of it may be there. */
    async function expectRefused(log: SampleLog, batch: BatchSample): Promise<void> {
      const before = await everything();
      expect(await log.commit(batch)).toEqual(failed);
      expect(await everything()).toEqual(before);
      expect(await log.commit({ events: [sampleEvent(900, 1)] })).toEqual(committed);
    }

    async function everything() {
      const { store } = tested;
      return {
        log: await store.readLog(0, 0, 100),
        executions: await store.listExecutions({ namespace: "default", limit: 100 }),
        unfinished: await store.listUnfinished(0, "", 100),
      };
    }

    it("starts and ends an execution in one batch", async () => {
      const log = await ownShard(tested.store);
      const row = sampleExecution(1, { requestId: "r", requestDigest: "d", labels: { team: "ö😀" } });
      const outcome = await log.commit({
        events: [sampleEvent(1, 1), sampleEvent(1, 2)],
        started: [row],
        ended: [sampleEnd(1, { status: "FAILED" })],
      });
      expect(outcome).toEqual(committed);
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
      expect(await log.commit({ events: [sampleEvent(1, 1)] })).toEqual(committed);
      expect(await log.commit({ started: [sampleExecution(1)] })).toEqual(committed);
      expect(await log.commit({})).toEqual(committed);
    });

    it("may hold 2,000 events", async () => {
      const log = await ownShard(tested.store);
      const events = upTo(2_000).map((sequence) => sampleEvent(1, sequence));
      expect(await log.commit({ events })).toEqual(committed);
      const read = await tested.store.readLog(0, 0, 3_000);
      expect(read).toEqual(events.map((event, index) => ({ position: index + 1, ...event })));
    });

    it("is refused whole for an event that is there already, in the middle", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ events: [sampleEvent(1, 1)] });
      const events = [sampleEvent(2, 1), sampleEvent(1, 1), sampleEvent(2, 2)];
      await expectRefused(log, { events, started: [sampleExecution(2)] });
    });

    it("is refused whole for the same event twice", async () => {
      const log = await ownShard(tested.store);
      await expectRefused(log, { events: [sampleEvent(2, 1), sampleEvent(2, 2), sampleEvent(2, 1)] });
    });

    it("is refused whole for positions that are taken, repeated or leave a gap", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ events: [sampleEvent(1, 1), sampleEvent(1, 2)] });
      const before = await everything();
      for (const positions of [[2], [4], [3, 5], [3, 4, 4, 5], [4, 3]]) {
        const events = positions.map((position, index) => ({ position, ...sampleEvent(2, index + 1) }));
        const batch = { shard: 0, epoch: log.epoch, events, started: [sampleExecution(2)], ended: [] };
        expect(await tested.store.commit(batch)).toEqual(failed);
      }
      expect(await everything()).toEqual(before);
    });

    it("is refused whole for an execution that was started before", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ started: [sampleExecution(1)] });
      const started = [sampleExecution(2), sampleExecution(1, { workflow: "other" })];
      await expectRefused(log, { events: [sampleEvent(2, 1)], started });
    });

    it("is refused whole for an end of an execution that is not there or has ended", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ started: [sampleExecution(1), sampleExecution(2)] });
      await log.commit({ ended: [sampleEnd(1)] });
      const events = [sampleEvent(2, 1)];
      await expectRefused(log, { events, ended: [sampleEnd(2), sampleEnd(3)] });
      await log.commit({ started: [sampleExecution(4)] });
      expect(await log.commit({ ended: [sampleEnd(4), sampleEnd(1)] })).toEqual(failed);
      expect(await log.commit({ ended: [sampleEnd(4), sampleEnd(4)] })).toEqual(failed);
      expect(await tested.store.getExecution("default", idOf(4))).toEqual(sampleExecution(4));
    });

    it("is refused whole for a request id that its namespace has seen", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ started: [sampleExecution(1, { requestId: "r", requestDigest: "d" })] });
      const again = sampleExecution(3, { requestId: "r", requestDigest: "other" });
      await expectRefused(log, { events: [sampleEvent(2, 1)], started: [sampleExecution(2), again] });
      const twice = upTo(2).map((number) => sampleExecution(10 + number, { requestId: "s" }));
      expect(await log.commit({ started: twice })).toEqual(failed);
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
      expect(await log.commit({ started })).toEqual(committed);
      expect(await tested.store.findRequest("default", "r")).toEqual(started[0]);
      expect(await tested.store.findRequest("other", "r")).toEqual(elsewhere);
      expect(await tested.store.findRequest("other", "s")).toBeUndefined();
    });

    it("comes after those made before, without waiting for their outcomes", async () => {
      const log = await ownShard(tested.store);
      const batches = upTo(50).map((sequence) => log.place({ events: [sampleEvent(1, sequence)] }));
      const outcomes = await Promise.all(batches.map((batch) => tested.store.commit(batch)));
      expect(outcomes).toEqual(batches.map(() => committed));
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
      expect(await Promise.all([first, second])).toEqual([committed, committed]);
      expect(await log.commit({ events: [sampleEvent(1, 3)] })).toEqual(failed);
      await expect(tested.store.readLog(0, 0, 1)).rejects.toThrow(/closed/);
      await tested.store.close();
      expect(await (await tested.reopen()).takeOwnership(0)).toMatchObject({ position: 2 });
    });
  });
}
