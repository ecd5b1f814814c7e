import { Worker } from "node:worker_threads";
import { WorkerCalls } from "@weft/runtime/worker-calls";
import { describe, expect, it } from "vitest";
import { emptyBatch } from "../app/store-samples.contract.ts";
import { storeOver } from "./store-sqlite.ts";

function workerThatDies(): Worker {
  const source = 'require("node:worker_threads").parentPort.on("message", () => process.exit(3));';
  return new Worker(source, { eval: true });
}

describe("a store whose writer died", () => {
  it("does not know what became of its commits, fails all other calls, and closes", async () => {
    const store = storeOver(
      new WorkerCalls(workerThatDies(), "the worker"),
      new WorkerCalls(workerThatDies(), "the worker"),
    );
    const batch = emptyBatch(0, 1);
    const message = "the worker stopped with code 3";
    const unknown = { kind: "unknown", message };
    expect(await Promise.all([store.commit(batch), store.commit(batch)])).toEqual([unknown, unknown]);
    expect(await store.commit(batch)).toEqual(unknown);
    await expect(store.readLog(0, 0, 1)).rejects.toThrow(message);
    await expect(store.takeOwnership(0)).rejects.toThrow(message);
    await store.close();
    expect(await store.commit(batch)).toMatchObject({ reason: "FAILED", message: "the store is closed" });
  });
});
