import { afterEach, beforeEach } from "vitest";
import type { Store } from "./store.ts";

/** A store on data of its own, which `reopen` finds again after the store was closed. */
export type OpenedStore = {
  readonly store: Store;
  readonly reopen: () => Promise<Store>;
  /** Removes the data. */
  readonly remove?: () => Promise<void>;
};

/** The store of the test that runs. */
export type StoreUnderTest = {
  readonly store: Store;
  /** Closes it and opens its data again. */
  reopen(): Promise<Store>;
};

/** Opens a store before each test and closes it after. */
export function storeUnderTest(open: () => Promise<OpenedStore>): StoreUnderTest {
  let opened: OpenedStore;
  let store: Store;
  beforeEach(async () => {
    opened = await open();
    store = opened.store;
  });
  afterEach(async () => {
    await store.close();
    await opened.remove?.();
  });
  return {
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = await opened.reopen();
      return store;
    },
  };
}
