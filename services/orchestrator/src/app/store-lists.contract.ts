import { describe, expect, it } from "vitest";
import type { ExecutionQuery, ExecutionRow } from "./store.ts";
import {
  committed,
  idOf,
  ownShard,
  sampleEnd,
  sampleExecution,
  startOfTime,
  upTo,
} from "./store-samples.contract.ts";
import type { StoreUnderTest } from "./store-under-test.contract.ts";

export function describeExecutionLists(tested: StoreUnderTest): void {
  async function start(rows: readonly ExecutionRow[]): Promise<void> {
    const log = await ownShard(tested.store);
    expect(await log.commit({ started: rows })).toEqual(committed(rows.length));
  }

  /** The numbers of the executions that a query finds, in the order of the list. */
  async function find(query: Partial<ExecutionQuery>): Promise<number[]> {
    const rows = await tested.store.listExecutions({ namespace: "default", limit: 100, ...query });
    return rows.map(({ startedAtMs }) => startedAtMs - startOfTime);
  }

  describe("an execution", () => {
    it("is found in its namespace only", async () => {
      const row = sampleExecution(1, { namespace: "team", requestId: "r" });
      await start([row]);
      expect(await tested.store.getExecution("team", idOf(1))).toEqual(row);
      expect(await tested.store.getExecution("default", idOf(1))).toBeUndefined();
      expect(await tested.store.getExecution("team", idOf(2))).toBeUndefined();
      expect(await find({})).toEqual([]);
    });

    it("keeps labels of any name and text", async () => {
      const labels = { 'we"ird.k[e]y\\': "'\"\n", "": "empty", 名: "😀", number: "1" };
      await start([sampleExecution(1, { labels }), sampleExecution(2)]);
      expect(await tested.store.getExecution("default", idOf(1))).toMatchObject({ labels });
      for (const [name, value] of Object.entries(labels))
        expect(await find({ labels: { [name]: value } })).toEqual([1]);
    });
  });

  describe("a list of executions", () => {
    it("has the newest first, by id within a millisecond", async () => {
      const early = { startedAtMs: startOfTime };
      await start([
        sampleExecution(5, early),
        sampleExecution(7),
        sampleExecution(6, early),
        sampleExecution(9),
      ]);
      const rows = await tested.store.listExecutions({ namespace: "default", limit: 10 });
      expect(rows.map(({ executionId }) => executionId)).toEqual([9, 7, 6, 5].map((number) => idOf(number)));
    });

    it("goes on after the last row of the page before, with neither gap nor repetition", async () => {
      const rows = upTo(25).map((number) =>
        sampleExecution(number, { startedAtMs: startOfTime + Math.floor(number / 4) }),
      );
      await start(rows);
      const seen: ExecutionRow[] = [];
      for (
        let page = await tested.store.listExecutions({ namespace: "default", limit: 3 });
        page.length > 0;
      ) {
        seen.push(...page);
        const after = seen.at(-1)!;
        page = await tested.store.listExecutions({ namespace: "default", limit: 3, after });
      }
      expect(seen).toEqual(rows.toReversed());
    });

    it("is filtered by workflow", async () => {
      await start([sampleExecution(1), sampleExecution(2, { workflow: "nightly" }), sampleExecution(3)]);
      expect(await find({ workflow: "release" })).toEqual([3, 1]);
      expect(await find({ workflow: "rel" })).toEqual([]);
    });

    it("is filtered by status, as it is now", async () => {
      const log = await ownShard(tested.store);
      await log.commit({ started: upTo(5).map((number) => sampleExecution(number)) });
      const ended = [sampleEnd(1), sampleEnd(3, { status: "FAILED" }), sampleEnd(4, { status: "CANCELLED" })];
      await log.commit({ ended });
      expect(await find({ statuses: ["RUNNING"] })).toEqual([5, 2]);
      expect(await find({ statuses: ["FAILED", "CANCELLED"] })).toEqual([4, 3]);
      expect(await find({ statuses: ["SUCCEEDED", "FAILED"] })).toEqual([3, 1]);
      expect(await find({ statuses: ["COMPENSATED"] })).toEqual([]);
    });

    it("is filtered by labels, all of which must match", async () => {
      await start([
        sampleExecution(1, { labels: { team: "payments", tier: "gold" } }),
        sampleExecution(2, { labels: { team: "payments" } }),
        sampleExecution(3, { labels: { team: "search", tier: "gold" } }),
        sampleExecution(4),
      ]);
      expect(await find({ labels: { team: "payments" } })).toEqual([2, 1]);
      expect(await find({ labels: { tier: "gold", team: "payments" } })).toEqual([1]);
      expect(await find({ labels: { team: "gold" } })).toEqual([]);
      expect(await find({ labels: { constructor: "payments" } })).toEqual([]);
    });

    it("has everything for no statuses and no labels", async () => {
      await start([sampleExecution(1), sampleExecution(2)]);
      expect(await find({ statuses: [], labels: {} })).toEqual([2, 1]);
    });

    it("is filtered by time: strictly after, strictly before", async () => {
      await start(upTo(6).map((number) => sampleExecution(number)));
      expect(await find({ startedAfterMs: startOfTime + 2 })).toEqual([6, 5, 4, 3]);
      expect(await find({ startedBeforeMs: startOfTime + 3 })).toEqual([2, 1]);
      const between = { startedAfterMs: startOfTime + 1, startedBeforeMs: startOfTime + 5 };
      expect(await find(between)).toEqual([4, 3, 2]);
      expect(await find({ ...between, after: sampleExecution(3), limit: 5 })).toEqual([2]);
      expect(await find({ ...between, after: sampleExecution(6), limit: 2 })).toEqual([4, 3]);
    });

    it("finds rare rows among many, page by page", async () => {
      const log = await ownShard(tested.store);
      const rows = upTo(6_000).map((number) =>
        sampleExecution(number, {
          labels: number % 1_000 === 1 ? { rare: "yes" } : { rare: "no" },
          status: number % 2_000 === 1 ? "FAILED" : "SUCCEEDED",
          endedAtMs: startOfTime,
        }),
      );
      for (const from of [0, 2_000, 4_000]) await log.commit({ started: rows.slice(from, from + 2_000) });
      const labels = { rare: "yes" };
      expect(await find({ labels, limit: 4 })).toEqual([5_001, 4_001, 3_001, 2_001]);
      expect(await find({ labels, limit: 4, after: sampleExecution(2_001) })).toEqual([1_001, 1]);
      expect(await find({ labels, statuses: ["FAILED"] })).toEqual([4_001, 2_001, 1]);
      expect(await find({ labels, statuses: ["SUCCEEDED"], startedAfterMs: startOfTime + 1_001 })).toEqual([
        5_001, 3_001,
      ]);
    });
  });
}
