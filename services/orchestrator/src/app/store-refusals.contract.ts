import { describe, expect, it } from "vitest";
import { beforeSleepers } from "./store.ts";
import {
  type BatchSample,
  committed,
  emptyBatch,
  idOf,
  ownShard,
  refused,
  type SampleLog,
  sampleChange,
  sampleEnd,
  sampleEvent,
  sampleExecution,
  sampleSnapshot,
  upTo,
} from "./store-samples.contract.ts";
import type { StoreUnderTest } from "./store-under-test.contract.ts";

export function describeRefusals(tested: StoreUnderTest): void {
  describe("a commit", () => {
    /** Commits the batch, one row of which is at fault; nothing of it may be there, and the next one is taken. */
    async function expectRefused(log: SampleLog, batch: BatchSample): Promise<void> {
      const before = await everything();
      expect(await log.commit(batch)).toEqual(refused("ROW"));
      expect(await everything()).toEqual(before);
      expect(await log.commit({ events: [sampleEvent(900, before.log.length + 1)] })).toEqual(committed(1));
    }

    async function everything() {
      const { store } = tested;
      return {
        log: await store.readLog(0, 0, 100),
        executions: await store.listExecutions({ namespace: "default", limit: 100 }),
        unfinished: await store.listUnfinished(0, "", 100),
        sleeping: await store.listSleeping(0, Number.MAX_SAFE_INTEGER, beforeSleepers, 100),
        snapshot: await store.readSnapshot(idOf(2)),
      };
    }

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

    it("is fenced for positions that are taken, repeated or leave a gap", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ events: [sampleEvent(1, 1), sampleEvent(1, 2)] });
      const before = await everything();
      for (const positions of [[2], [4], [3, 5], [3, 4, 4, 5], [4, 3]]) {
        const events = positions.map((position, index) => ({ position, ...sampleEvent(2, index + 1) }));
        const batch = { ...emptyBatch(0, log.epoch), events, started: [sampleExecution(2)] };
        expect(await tested.store.commit(batch)).toEqual(refused("FENCED"));
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
      expect(await log.commit({ ended: [sampleEnd(4), sampleEnd(1)] })).toEqual(refused("ROW"));
      expect(await log.commit({ ended: [sampleEnd(4), sampleEnd(4)] })).toEqual(refused("ROW"));
      expect(await tested.store.getExecution("default", idOf(4))).toEqual(sampleExecution(4));
    });

    it("is refused whole for a request id that its namespace has seen", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ started: [sampleExecution(1, { requestId: "r", requestDigest: "d" })] });
      const again = sampleExecution(3, { requestId: "r", requestDigest: "other" });
      await expectRefused(log, { events: [sampleEvent(2, 1)], started: [sampleExecution(2), again] });
      const twice = upTo(2).map((number) => sampleExecution(10 + number, { requestId: "s" }));
      expect(await log.commit({ started: twice })).toEqual(refused("ROW"));
    });

    it("is refused whole for a change of an execution that is not there or has ended", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ started: [sampleExecution(1), sampleExecution(2)] });
      await log.commit({ ended: [sampleEnd(1)] });
      const rest = { events: [sampleEvent(2, 1)], snapshots: [sampleSnapshot(2, 1)] };
      await expectRefused(log, { ...rest, changed: [sampleChange(2), sampleChange(3)] });
      await expectRefused(log, { ...rest, changed: [sampleChange(2), sampleChange(1)] });
      expect(await tested.store.getExecution("default", idOf(2))).toEqual(sampleExecution(2));
    });

    it("takes what is left of a refused batch without the row at fault", async () => {
      const log = await ownShard(tested.store);
      const healthy = { events: [sampleEvent(1, 1)], started: [sampleExecution(1)] };
      const sick = { events: [...healthy.events, sampleEvent(2, 1)], ended: [sampleEnd(2)] };
      await expectRefused(log, { ...healthy, ...sick });
      expect(await log.commit(healthy)).toEqual(committed(2));
    });
  });
}
