import type { Batch, CommitOutcome, ExecutionRow } from "../app/store.ts";
import { compareStarts, keyOf, type MemoryState } from "./memory-state.ts";

/** All of a batch or nothing: everything is checked before anything changes. */
export function commitToMemory(state: MemoryState, batch: Batch): CommitOutcome {
  const fence = fenceOf(state, batch) ?? positionProblem(state, batch);
  if (fence !== undefined) return refused("FENCED", fence);
  const problem = sequenceProblem(state, batch) ?? startProblem(state, batch) ?? updateProblem(state, batch);
  if (problem !== undefined) return refused("ROW", problem);
  apply(state, batch);
  return { kind: "committed", rows: rowsIn(batch) };
}

function fenceOf({ shards }: MemoryState, { shard, epoch }: Batch): string | undefined {
  const owner = shards.get(shard)?.epoch;
  if (owner === epoch) return undefined;
  const held = owner === undefined ? "owned by nobody" : `owned at epoch ${owner}`;
  return `shard ${shard} is ${held}, and the batch is of epoch ${epoch}`;
}

function refused(reason: "FENCED" | "ROW", message: string): CommitOutcome {
  return { kind: "refused", reason, message };
}

function positionProblem(state: MemoryState, { shard, events }: Batch): string | undefined {
  const last = state.shards.get(shard)?.log.length ?? 0;
  const wrong = events.findIndex(({ position }, index) => position !== last + 1 + index);
  if (wrong === -1) return undefined;
  return `position ${events[wrong]?.position} in shard ${shard}, where ${last + 1 + wrong} is next`;
}

function sequenceProblem(state: MemoryState, { events }: Batch): string | undefined {
  const twice = firstTwice(
    events,
    ({ executionId, sequence }) => `${executionId} ${sequence}`,
    ({ executionId, sequence }) => state.events.get(executionId)?.has(sequence) ?? false,
  );
  return twice && `execution ${twice.executionId} has an event ${twice.sequence}`;
}

function startProblem(state: MemoryState, { started }: Batch): string | undefined {
  const id = ({ executionId }: ExecutionRow): string => executionId;
  const twice = firstTwice(started, id, (row) => state.executions.has(row.executionId));
  if (twice) return `execution ${twice.executionId} has been started before`;
  const withRequest = started.filter(({ requestId }) => requestId !== null);
  const again = firstTwice(withRequest, requestKeyOf, (row) => state.requests.has(requestKeyOf(row)));
  return again && `request ${again.requestId} has been used in namespace ${again.namespace} before`;
}

function updateProblem(state: MemoryState, { started, changed, ended }: Batch): string | undefined {
  const starts = new Map(started.map((row) => [row.executionId, row]));
  const ends = new Set<string>();
  const isRunning = ({ executionId }: { readonly executionId: string }): boolean => {
    const row = starts.get(executionId) ?? state.executions.get(executionId);
    return row?.endedAtMs === null && !ends.has(executionId);
  };
  const wrong =
    changed.find((change) => !isRunning(change)) ??
    ended.find((end) => !isRunning(end) || ends.size === ends.add(end.executionId).size);
  return wrong && `execution ${wrong.executionId} is not there or has ended before`;
}

/** The first item that is there already, or stands in the list before. */
function firstTwice<Item>(
  items: readonly Item[],
  keyOfItem: (item: Item) => string,
  isThere: (item: Item) => boolean,
): Item | undefined {
  const seen = new Set<string>();
  return items.find((item) => isThere(item) || seen.size === seen.add(keyOfItem(item)).size);
}

function requestKeyOf({ namespace, requestId }: ExecutionRow): string {
  return keyOf(namespace, requestId ?? "");
}

function rowsIn({ events, started, changed, ended, snapshots }: Batch): number {
  return events.length + started.length + changed.length + ended.length + snapshots.length;
}

function apply(state: MemoryState, { shard, events, started, changed, ended, snapshots }: Batch): void {
  state.shards.get(shard)?.log.push(...events);
  for (const event of events) {
    const ofExecution = state.events.get(event.executionId);
    if (ofExecution) ofExecution.set(event.sequence, event);
    else state.events.set(event.executionId, new Map([[event.sequence, event]]));
  }
  for (const row of started) {
    state.executions.set(row.executionId, row);
    placeByStart(state, row);
    if (row.requestId !== null) state.requests.set(requestKeyOf(row), row.executionId);
  }
  for (const change of changed) update(state, change);
  for (const end of ended) update(state, { ...end, wakeAtMs: null });
  for (const row of snapshots) state.snapshots.set(row.executionId, row);
}

function update({ executions }: MemoryState, parts: Partial<ExecutionRow> & { executionId: string }): void {
  const row = executions.get(parts.executionId);
  if (row) executions.set(row.executionId, { ...row, ...parts });
}

/** From the end, where a new start nearly always belongs. */
function placeByStart({ byStart, executions }: MemoryState, row: ExecutionRow): void {
  const before = byStart.findLastIndex((id) => {
    const other = executions.get(id);
    return other !== undefined && compareStarts(other, row) < 0;
  });
  byStart.splice(before + 1, 0, row.executionId);
}
