import { type Ownership, type Store, StoreLost, type WorkflowRow } from "../app/store.ts";
import { commitToMemory } from "./memory-commit.ts";
import {
  digestsOf,
  eventsOf,
  executionIn,
  executionsMatching,
  logOf,
  sleepingOf,
  snapshotOf,
  unfinishedOf,
  workflowIn,
  workflowsOf,
} from "./memory-reads.ts";
import { emptyMemory, keyOf, type MemoryState } from "./memory-state.ts";

const closedMessage = "the store is closed";

/** A store in memory, for tests and `weft dev --memory`. It is as durable as the state that it is given. */
export function openMemoryStore(state: MemoryState = emptyMemory()): Store {
  let isOpen = true;
  function whileOpen<Arguments extends readonly unknown[], Result>(
    verb: (state: MemoryState, ...rest: Arguments) => Result,
  ): (...rest: Arguments) => Promise<Result> {
    return async (...rest) => {
      if (!isOpen) throw new StoreLost(closedMessage);
      return verb(state, ...rest);
    };
  }
  return {
    onLost() {},
    takeOwnership: whileOpen(takeOwnership),
    commit: async (batch) =>
      isOpen ? commitToMemory(state, batch) : { kind: "refused", reason: "FAILED", message: closedMessage },
    readEvents: whileOpen(eventsOf),
    readLog: whileOpen(logOf),
    readDigests: whileOpen(digestsOf),
    logId: whileOpen(({ logId }) => logId),
    readCursor: whileOpen(({ shards }, shard: number) => shards.get(shard)?.cursor ?? 0),
    saveCursor: whileOpen(saveCursor),
    getExecution: whileOpen(executionIn),
    findRequest: whileOpen(findRequest),
    listExecutions: whileOpen(executionsMatching),
    listUnfinished: whileOpen(unfinishedOf),
    listSleeping: whileOpen(sleepingOf),
    readSnapshot: whileOpen(snapshotOf),
    putWorkflow: whileOpen(putWorkflow),
    getWorkflow: whileOpen(workflowIn),
    listWorkflows: whileOpen(workflowsOf),
    async close() {
      isOpen = false;
    },
  };
}

function takeOwnership({ shards }: MemoryState, shard: number): Ownership {
  const owned = shards.get(shard) ?? { epoch: 0, log: [], cursor: 0 };
  shards.set(shard, owned);
  owned.epoch += 1;
  return { epoch: owned.epoch, position: owned.log.length };
}

function saveCursor({ shards }: MemoryState, shard: number, position: number): void {
  const owned = shards.get(shard);
  if (owned) owned.cursor = position;
}

function findRequest(state: MemoryState, namespace: string, requestId: string) {
  return state.executions.get(state.requests.get(keyOf(namespace, requestId)) ?? "");
}

function putWorkflow({ workflows }: MemoryState, row: WorkflowRow): "created" | "same" | "different" {
  const key = keyOf(row.namespace, row.name);
  const versions = workflows.get(key) ?? new Map<number, WorkflowRow>();
  const found = versions.get(row.version);
  if (found) return found.definition === row.definition ? "same" : "different";
  workflows.set(key, versions.set(row.version, row));
  return "created";
}
