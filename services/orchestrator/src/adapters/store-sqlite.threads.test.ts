import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../app/store.ts";
import {
  committed,
  idOf,
  ownShard,
  sampleEvent,
  sampleExecution,
  sampleWorkflow,
  upTo,
} from "../app/store-samples.contract.ts";
import { openSqliteStore, type StoreThreads, storeThreads } from "./store-sqlite.ts";

let folder = "";
let writers: Worker[];
let readers: Worker[];
let store: Store;

const threads: StoreThreads = {
  writer: () => started(storeThreads.writer(), writers),
  reader: () => started(storeThreads.reader(), readers),
};

function started(worker: Worker, list: Worker[]): Worker {
  list.push(worker);
  return worker;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-threads-"));
  writers = [];
  readers = [];
  store = await openSqliteStore(folder, {}, threads);
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

describe("a reader that dies", () => {
  it("fails the reads that it had in hand, and the next ones are answered by another", async () => {
    const log = await ownShard(store);
    await log.commit({ events: [sampleEvent(1, 1)] });
    // Far more than it answers while they are asked for.
    const inHand = Promise.allSettled(upTo(5_000).map(() => store.readLog(0, 0, 10)));
    await readers[0]!.terminate();
    const outcomes = await inHand;
    expect(outcomes.at(-1)).toMatchObject({
      status: "rejected",
      reason: { message: "the store's reader stopped with code 1" },
    });
    expect(await Promise.all(upTo(20).map(() => store.readLog(0, 0, 10)))).toHaveLength(20);
    expect(await store.readEvents(idOf(1), 0, 10)).toHaveLength(1);
    expect(readers).toHaveLength(2);
  });

  it("is replaced each time, and commits notice nothing of it", async () => {
    const log = await ownShard(store);
    for (const sequence of upTo(3)) {
      await readers.at(-1)!.terminate();
      expect(await log.commit({ events: [sampleEvent(1, sequence)] })).toEqual(committed(1));
      expect(await store.readLog(0, 0, 10)).toHaveLength(sequence);
    }
    expect(readers).toHaveLength(4);
  });

  it("is not replaced in a store that is closed", async () => {
    await store.close();
    await expect(store.readLog(0, 0, 10)).rejects.toThrow("the store is closed");
    expect(readers).toHaveLength(1);
  });
});

describe("a writer that dies", () => {
  const message = "the store's writer stopped with code 1";

  it("leaves the outcome of its commits unknown, and every later call fails with the reason", async () => {
    const log = await ownShard(store);
    const inHand = upTo(50).map((sequence) =>
      store.commit(log.place({ events: [sampleEvent(1, sequence)] })),
    );
    await writers[0]!.terminate();
    expect((await Promise.all(inHand)).at(-1)).toEqual({ kind: "unknown", message });
    expect(await log.commit({})).toEqual({ kind: "unknown", message });
    await expect(store.takeOwnership(0)).rejects.toThrow(message);
    await expect(store.putWorkflow(sampleWorkflow("release", 1))).rejects.toThrow(message);
    expect(writers).toHaveLength(1);
  });

  it("tells its owner so, though nobody has called; and says nothing when it was closed", async () => {
    const lost = new Promise((resolve) => store.onLost(resolve));
    await writers[0]!.terminate();
    expect(await lost).toBe(message);
    const heard: string[] = [];
    const next = await openSqliteStore(folder, {}, threads);
    next.onLost((reason) => heard.push(reason));
    await next.close();
    expect(heard).toEqual([]);
  });

  it("lets go of the folder: it opens again, with all that was acknowledged and no torn batch", async () => {
    const log = await ownShard(store);
    const batches = upTo(200).map((number) =>
      log.place({
        events: upTo(5).map((sequence) => sampleEvent(number, sequence)),
        started: [sampleExecution(number)],
      }),
    );
    const outcomes = batches.map((batch) => store.commit(batch));
    await outcomes[20];
    await writers[0]!.terminate();
    const acknowledged = (await Promise.all(outcomes)).filter(({ kind }) => kind === "committed").length;
    await store.close();
    store = await openSqliteStore(folder, {}, threads);
    const { epoch, position } = await store.takeOwnership(0);
    const started = await store.listUnfinished(0, "", 1_000);
    expect(epoch).toBe(log.epoch + 1);
    expect(acknowledged).toBeGreaterThan(20);
    expect(started.length).toBeGreaterThanOrEqual(acknowledged);
    expect(position).toBe(started.length * 5);
  });

  it("lets go of the folder even before its store is closed", async () => {
    await writers[0]!.terminate();
    const next = await openSqliteStore(folder, {}, threads);
    expect(await (await ownShard(next)).commit({ events: [sampleEvent(1, 1)] })).toEqual(committed(1));
    await store.close();
    store = next;
    expect(await store.readLog(0, 0, 10)).toHaveLength(1);
  });
});
