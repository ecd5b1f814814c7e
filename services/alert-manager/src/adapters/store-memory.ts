import { WorkerLost } from "@weft/runtime/worker-calls";
import type { AlertStore } from "../app/store.ts";
import type { SavedRow } from "../core/state.ts";

/** What a store in memory keeps: as durable as whoever holds it. */
export type KeptRows = Map<string, SavedRow>;

/** A store in memory, for tests and `weft dev`. */
export function openMemoryAlertStore(kept: KeptRows = new Map()): AlertStore {
  let isOpen = true;
  const whileOpen = (): void => {
    if (!isOpen) throw new WorkerLost("the store of alerts is closed");
  };
  return {
    async load(take) {
      whileOpen();
      take([...kept.values()]);
    },
    async save(rows) {
      whileOpen();
      for (const row of rows) {
        const key = JSON.stringify([row.table, row.key]);
        if (row.body === undefined) kept.delete(key);
        else kept.set(key, row);
      }
    },
    onLost() {},
    async close() {
      isOpen = false;
    },
  };
}
