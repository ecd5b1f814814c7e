import { DatabaseSync } from "node:sqlite";
import { databaseFile } from "@weft/runtime/sqlite-folder";
import { answerCalls } from "@weft/runtime/worker-calls";
import type { ExecutionQuery, Sleeper } from "../app/store.ts";
import { type ExecutionSlice, openExecutionList } from "./sqlite-list.ts";
import { type LogReads, openLogReads } from "./sqlite-log-reads.ts";
import { allCells, type Cells, eventColumns, executionColumns, snapshotColumns } from "./sqlite-rows.ts";
import { openWorkflowReads, type WorkflowReads } from "./sqlite-workflows.ts";

// The worker that reads, on a connection of its own. Each statement sees all that was committed before it began.

export type ReaderOptions = { readonly folder: string };

export type EventPage = {
  readonly executionId: string;
  readonly afterSequence: number;
  readonly limit: number;
};
export type ExecutionKey = { readonly namespace: string; readonly executionId: string };
export type RequestKey = { readonly namespace: string; readonly requestId: string };
export type UnfinishedPage = {
  readonly shard: number;
  readonly afterExecutionId: string;
  readonly limit: number;
};
export type SleepingPage = {
  readonly shard: number;
  readonly untilMs: number;
  readonly after: Sleeper;
  readonly limit: number;
};

export type ReaderCalls = WorkflowReads &
  LogReads & {
    open(options: ReaderOptions): void;
    readEvents(page: EventPage): readonly Cells[];
    getExecution(key: ExecutionKey): Cells | undefined;
    findRequest(key: RequestKey): Cells | undefined;
    listExecutions(query: ExecutionQuery): ExecutionSlice;
    listUnfinished(page: UnfinishedPage): readonly Cells[];
    listSleeping(page: SleepingPage): readonly Cells[];
    readSnapshot(executionId: string): Cells | undefined;
    close(argument: null): void;
  };

answerCalls(({ folder }: ReaderOptions) => {
  const database = new DatabaseSync(databaseFile(folder), { readOnly: true });
  const methods = {
    ...openEventReads(database),
    ...openLogReads(database),
    ...openExecutionReads(database),
    ...openLifeReads(database),
    ...openWorkflowReads(database),
    listExecutions: openExecutionList(database),
    close: () => database.close(),
  } satisfies Omit<ReaderCalls, "open">;
  return { methods };
});

function openEventReads(database: DatabaseSync): Pick<ReaderCalls, "readEvents"> {
  const ofExecution = database.prepare(
    `SELECT position, ${eventColumns} FROM workflow_events
     WHERE execution_id = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
  );
  return {
    readEvents: ({ executionId, afterSequence, limit }) =>
      allCells(ofExecution, [executionId, afterSequence, limit]),
  };
}

type ExecutionReads = Pick<ReaderCalls, "getExecution" | "findRequest">;

function openExecutionReads(database: DatabaseSync): ExecutionReads {
  const select = `SELECT ${executionColumns} FROM workflow_executions`;
  const byId = database.prepare(`${select} WHERE execution_id = ? AND namespace = ?`);
  const byRequest = database.prepare(`${select} WHERE namespace = ? AND request_id = ?`);
  return {
    getExecution: ({ namespace, executionId }) => allCells(byId, [executionId, namespace])[0],
    findRequest: ({ namespace, requestId }) => allCells(byRequest, [namespace, requestId])[0],
  };
}

type LifeReads = Pick<ReaderCalls, "listUnfinished" | "listSleeping" | "readSnapshot">;

/** What an owner of a shard takes over with. */
function openLifeReads(database: DatabaseSync): LifeReads {
  const unfinished = database.prepare(
    `SELECT ${executionColumns} FROM workflow_executions INDEXED BY executions_unfinished
     WHERE shard = ? AND execution_id > ? AND ended_at_ms IS NULL AND wake_at_ms IS NULL
     ORDER BY execution_id LIMIT ?`,
  );
  const sleeping = database.prepare(
    `SELECT execution_id, wake_at_ms FROM workflow_executions INDEXED BY executions_sleeping
     WHERE shard = ? AND wake_at_ms <= ? AND (wake_at_ms, execution_id) > (?, ?)
     ORDER BY wake_at_ms, execution_id LIMIT ?`,
  );
  const snapshot = database.prepare(
    `SELECT ${snapshotColumns} FROM workflow_snapshots WHERE execution_id = ?`,
  );
  return {
    listUnfinished: ({ shard, afterExecutionId, limit }) =>
      allCells(unfinished, [shard, afterExecutionId, limit]),
    listSleeping: ({ shard, untilMs, after, limit }) =>
      allCells(sleeping, [shard, untilMs, after.wakeAtMs, after.executionId, limit]),
    readSnapshot: (executionId) => allCells(snapshot, [executionId])[0],
  };
}
