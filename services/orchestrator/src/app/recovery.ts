import type { Logger } from "@weft/runtime/logger";
import type { Execution } from "../core/execution.ts";
import { replay } from "./history.ts";
import type { Store } from "./store.ts";
import type { Workflows } from "./workflows.ts";

const pageSize = 1_000;

/** Every execution of the shard that has not ended, as its log tells it. One that cannot be read is left alone, loudly. */
export async function loadUnfinished(
  store: Store,
  workflows: Workflows,
  shard: number,
  logger: Logger,
): Promise<readonly Execution[]> {
  const executions: Execution[] = [];
  let after = "";
  for (;;) {
    const rows = await store.listUnfinished(shard, after, pageSize);
    for (const { executionId } of rows) {
      try {
        const execution = await replay(store, workflows, executionId);
        if (execution) executions.push(execution);
      } catch (err) {
        logger.error({ executionId, err }, "an execution cannot be read and is left as it is");
      }
    }
    if (rows.length < pageSize) return executions;
    after = rows.at(-1)!.executionId;
  }
}
