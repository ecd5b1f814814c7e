import { WorkerLost } from "@weft/runtime/worker-calls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SavedRow } from "../core/state.ts";
import type { AlertStore } from "./store.ts";

export type OpenedAlertStore = {
  readonly store: AlertStore;
  /** The same rows again, after the store was closed. */
  readonly reopen: () => Promise<AlertStore>;
};

/** What every adapter of the store of alerts promises. */
export function describeAlertStore(name: string, open: () => Promise<OpenedAlertStore>): void {
  describe(name, () => {
    let store: AlertStore;
    let reopen: OpenedAlertStore["reopen"];

    beforeEach(async () => {
      ({ store, reopen } = await open());
    });

    afterEach(() => store.close());

    const row = (table: string, key: string, body?: string): SavedRow => ({ table, key, body });

    async function kept(): Promise<readonly SavedRow[]> {
      const rows: SavedRow[] = [];
      await store.load((some) => rows.push(...some));
      return rows;
    }

    it("is empty at first", async () => {
      expect(await kept()).toEqual([]);
    });

    it("keeps rows by table and key, in the order in which they were first saved", async () => {
      await store.save([row("alerts", "b", "1"), row("groups", "b", "2")]);
      await store.save([row("alerts", "a", "3"), row("alerts", "b", "4")]);
      expect(await kept()).toEqual([
        row("alerts", "b", "4"),
        row("groups", "b", "2"),
        row("alerts", "a", "3"),
      ]);
    });

    it("drops a row that has no body, and does not mind one that is not there", async () => {
      await store.save([row("alerts", "a", "1"), row("alerts", "b", "2")]);
      await store.save([row("alerts", "a"), row("alerts", "c")]);
      expect(await kept()).toEqual([row("alerts", "b", "2")]);
    });

    it("has everything again when it is opened anew", async () => {
      await store.save([row("alerts", "a", '{"ä":"日本\\u0000"}')]);
      await store.close();
      store = await reopen();
      expect(await kept()).toEqual([row("alerts", "a", '{"ä":"日本\\u0000"}')]);
    });

    it("keeps all that was asked of it before it was closed", async () => {
      const saves = Array.from({ length: 20 }, (_, number) =>
        store.save([row("alerts", "a", String(number))]),
      );
      await Promise.all([...saves, store.close()]);
      store = await reopen();
      expect(await kept()).toEqual([row("alerts", "a", "19")]);
    });

    it("loads more rows than fit on a page", async () => {
      const rows = Array.from({ length: 25_000 }, (_, number) => row("steps", `s${number}`, "{}"));
      await store.save(rows);
      expect(await kept()).toEqual(rows);
    });

    it("takes nothing once it is closed", async () => {
      await store.close();
      await expect(store.save([row("alerts", "a", "1")])).rejects.toThrow(WorkerLost);
      await expect(kept()).rejects.toThrow(WorkerLost);
      store = await reopen();
      expect(await kept()).toEqual([]);
    });
  });
}
