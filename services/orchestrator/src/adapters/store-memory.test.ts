import { describeStore } from "../app/store.contract.ts";
import { emptyMemory } from "./memory-state.ts";
import { openMemoryStore } from "./store-memory.ts";

describeStore("the store in memory", async () => {
  const state = emptyMemory();
  return { store: openMemoryStore(state), reopen: async () => openMemoryStore(state) };
});
