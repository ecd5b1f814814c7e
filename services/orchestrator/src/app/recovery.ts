import { type HistoryPorts, replay } from "./history.ts";
import type { Loaded } from "./residents.ts";

const pageSize = 1_000;

/** What an earlier life of the shard left awake. */
export type Unfinished = {
  readonly awake: readonly Loaded[];
  /** Executions whose log cannot be read, each with why. */
  readonly unreadable: ReadonlyMap<string, unknown>;
};

/** Every execution of the shard that has not ended and does not sleep, as its log tells it. */
export async function loadUnfinished(ports: HistoryPorts, shard: number): Promise<Unfinished> {
  const awake: Loaded[] = [];
  const unreadable = new Map<string, unknown>();
  let after = "";
  for (;;) {
    const rows = await ports.store.listUnfinished(shard, after, pageSize);
    for (const { executionId } of rows) {
      try {
        const loaded = await replay(ports, executionId);
        if (loaded) awake.push(loaded);
      } catch (error) {
        unreadable.set(executionId, error);
      }
    }
    if (rows.length < pageSize) return { awake, unreadable };
    after = rows.at(-1)!.executionId;
  }
}
