import { Worker } from "node:worker_threads";
import { WorkerCalls } from "@weft/runtime/worker-calls";
import type { CommitOutcome, ExecutionQuery, ExecutionRow, Store } from "../app/store.ts";
import type { Place } from "./sqlite-list.ts";
import { ReaderThread } from "./sqlite-reader-thread.ts";
import { flattenBatch, toDigested, toEvent, toExecution, toSleeper, toSnapshot } from "./sqlite-rows.ts";
import { toWorkflow } from "./sqlite-workflows.ts";
import type { WriterCalls, WriterLimits } from "./sqlite-writer.ts";

type Writer = WorkerCalls<WriterCalls>;
type Reader = Pick<ReaderThread, "call" | "close">;

/** How the store starts its two threads. */
export type StoreThreads = { readonly writer: () => Worker; readonly reader: () => Worker };

export const storeThreads: StoreThreads = {
  writer: () => new Worker(new URL("./sqlite-writer.ts", import.meta.url)),
  reader: () => new Worker(new URL("./sqlite-reader.ts", import.meta.url)),
};

const closedMessage = "the store is closed";

/**
 * Opens the store in a folder, which this process then owns; fails with what to do when another process owns it
 * or a newer release wrote it.
 *
 * One worker writes and one reads: neither an fsync nor a long list holds up this thread or the other. A writer
 * that dies is not replaced: close this store, and open the folder again.
 */
export async function openSqliteStore(
  folder: string,
  limits: WriterLimits = {},
  threads: StoreThreads = storeThreads,
): Promise<Store> {
  const writer: Writer = new WorkerCalls(threads.writer(), "the store's writer");
  const reader = new ReaderThread(threads.reader, folder);
  const store = storeOver(writer, reader);
  try {
    await writer.call("open", { folder, limits });
    await reader.open();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The store on its two workers. */
export function storeOver(writer: Writer, reader: Reader): Store {
  let closed: Promise<void> | undefined;
  return {
    onLost: (run) => void writer.died.then(run),
    ...writes(writer, () => closed !== undefined),
    ...eventReads(reader),
    ...logReads(reader),
    ...executionReads(reader),
    ...lifeReads(reader),
    ...workflowReads(reader),
    close: () => (closed ??= close(writer, reader)),
  };
}

/** The writer goes last: the last connection folds the write-ahead log into the database. */
function close(writer: Writer, reader: Reader): Promise<void> {
  return writer.close(closedMessage, reader.close(closedMessage));
}

type Writes = Pick<Store, "takeOwnership" | "commit" | "putWorkflow" | "saveCursor">;

function writes(writer: Writer, isClosed: () => boolean): Writes {
  return {
    takeOwnership: (shard) => writer.call("takeOwnership", shard),
    commit: async (batch) =>
      isClosed()
        ? { kind: "refused", reason: "FAILED", message: closedMessage }
        : writer.call("commit", flattenBatch(batch)).catch(unanswered),
    putWorkflow: (row) => writer.call("putWorkflow", row),
    saveCursor: (shard, position) => writer.call("saveCursor", { shard, position }),
  };
}

/** The writer is gone. What it had in hand may or may not be on disk: whoever opens it next will see. */
function unanswered({ message }: Error): CommitOutcome {
  return { kind: "unknown", message };
}

function eventReads(reader: Reader): Pick<Store, "readEvents"> {
  return {
    async readEvents(executionId, afterSequence, limit) {
      return (await reader.call("readEvents", { executionId, afterSequence, limit })).map(toEvent);
    },
  };
}

function logReads(reader: Reader): Pick<Store, "readLog" | "readDigests" | "logId" | "readCursor"> {
  return {
    async readLog(shard, afterPosition, limit) {
      return (await reader.call("readLog", { shard, afterPosition, limit })).map(toEvent);
    },
    async readDigests(shard, afterPosition, limit) {
      return (await reader.call("readDigests", { shard, afterPosition, limit })).map(toDigested);
    },
    logId: () => reader.call("logId", null),
    readCursor: (shard) => reader.call("readCursor", shard),
  };
}

type ExecutionReads = Pick<Store, "getExecution" | "findRequest" | "listExecutions">;

function executionReads(reader: Reader): ExecutionReads {
  return {
    async getExecution(namespace, executionId) {
      const cells = await reader.call("getExecution", { namespace, executionId });
      return cells && toExecution(cells);
    },
    async findRequest(namespace, requestId) {
      const cells = await reader.call("findRequest", { namespace, requestId });
      return cells && toExecution(cells);
    },
    listExecutions: (query) => listInSlices(reader, query),
  };
}

function lifeReads(reader: Reader): Pick<Store, "listUnfinished" | "listSleeping" | "readSnapshot"> {
  return {
    async listUnfinished(shard, afterExecutionId, limit) {
      return (await reader.call("listUnfinished", { shard, afterExecutionId, limit })).map(toExecution);
    },
    async listSleeping(shard, untilMs, after, limit) {
      return (await reader.call("listSleeping", { shard, untilMs, after, limit })).map(toSleeper);
    },
    async readSnapshot(executionId) {
      const cells = await reader.call("readSnapshot", executionId);
      return cells && toSnapshot(cells);
    },
  };
}

/** A filter may match few rows of many: the reader looks in slices, and other reads come between them. */
async function listInSlices(reader: Reader, query: ExecutionQuery): Promise<readonly ExecutionRow[]> {
  const found: ExecutionRow[] = [];
  let next: Place | undefined = query.after;
  do {
    const rest = { ...query, limit: query.limit - found.length, ...(next && { after: next }) };
    const slice = await reader.call("listExecutions", rest);
    found.push(...slice.rows.map(toExecution));
    next = slice.next;
  } while (next && found.length < query.limit);
  return found;
}

function workflowReads(reader: Reader): Pick<Store, "getWorkflow" | "listWorkflows"> {
  return {
    async getWorkflow(namespace, name, version) {
      const cells = await reader.call("getWorkflow", { namespace, name, version });
      return cells && toWorkflow(cells);
    },
    async listWorkflows(namespace, afterName, limit) {
      return (await reader.call("listWorkflows", { namespace, afterName, limit })).map(toWorkflow);
    },
  };
}
