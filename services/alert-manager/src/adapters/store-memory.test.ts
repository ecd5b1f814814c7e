import { describeAlertStore } from "../app/store.contract.ts";
import { type KeptRows, openMemoryAlertStore } from "./store-memory.ts";

describeAlertStore("the store of alerts in memory", async () => {
  const kept: KeptRows = new Map();
  return { store: openMemoryAlertStore(kept), reopen: async () => openMemoryAlertStore(kept) };
});
