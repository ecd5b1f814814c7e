import { Worker } from "node:worker_threads";
import { WorkerCalls } from "@weft/runtime/worker-calls";
import type { AlertStore } from "../app/store.ts";
import type { AlertStoreCalls } from "./sqlite-alert-worker.ts";

const rowsPerPage = 10_000;

/**
 * Opens the store in a folder, which this process then owns; fails with what to do when another process owns it or a
 * newer release wrote it.
 */
export async function openSqliteAlertStore(folder: string): Promise<AlertStore> {
  const thread = new Worker(new URL("./sqlite-alert-worker.ts", import.meta.url));
  const worker = new WorkerCalls<AlertStoreCalls>(thread, "the store of alerts");
  try {
    await worker.call("open", folder);
  } catch (error) {
    await worker.close("the store of alerts is closed");
    throw error;
  }
  return {
    async load(take) {
      for (let afterPlace = 0; ; ) {
        const { rows, lastPlace } = await worker.call("load", { afterPlace, limit: rowsPerPage });
        if (rows.length === 0) return;
        take(rows);
        afterPlace = lastPlace;
      }
    },
    save: (rows) => worker.call("save", rows),
    onLost: (run) => void worker.died.then(run),
    close: () => worker.close("the store of alerts is closed"),
  };
}
