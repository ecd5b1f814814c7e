import { digestOf, digestPageCharsMax } from "../app/payload-digest.ts";
import type {
  DigestedEvent,
  ExecutionQuery,
  ExecutionRow,
  Sleeper,
  SnapshotRow,
  StoredEvent,
  WorkflowRow,
} from "../app/store.ts";
import { compareStarts, keyOf, type MemoryState } from "./memory-state.ts";

export function eventsOf(
  { events }: MemoryState,
  executionId: string,
  afterSequence: number,
  limit: number,
): readonly StoredEvent[] {
  return [...(events.get(executionId)?.values() ?? [])]
    .filter(({ sequence }) => sequence > afterSequence)
    .sort((a, b) => a.sequence - b.sequence)
    .slice(0, limit);
}

export function logOf(
  { shards }: MemoryState,
  shard: number,
  afterPosition: number,
  limit: number,
): readonly StoredEvent[] {
  return shards.get(shard)?.log.slice(afterPosition, afterPosition + limit) ?? [];
}

export function digestsOf(
  state: MemoryState,
  shard: number,
  afterPosition: number,
  limit: number,
): readonly DigestedEvent[] {
  const page: DigestedEvent[] = [];
  let chars = 0;
  for (const { payload, ...event } of logOf(state, shard, afterPosition, limit)) {
    chars += event.body.length;
    if (page.length > 0 && chars > digestPageCharsMax) break;
    page.push({ ...event, digest: payload === null ? null : digestOf(payload) });
  }
  return page;
}

export function executionIn(
  { executions }: MemoryState,
  namespace: string,
  executionId: string,
): ExecutionRow | undefined {
  const row = executions.get(executionId);
  return row?.namespace === namespace ? row : undefined;
}

/** Newest first: from the end, until the page is full. */
export function executionsMatching(
  { byStart, executions }: MemoryState,
  query: ExecutionQuery,
): readonly ExecutionRow[] {
  const found: ExecutionRow[] = [];
  for (let at = byStart.length - 1; at >= 0 && found.length < query.limit; at -= 1) {
    const row = executions.get(byStart[at] ?? "");
    if (row && matches(row, query)) found.push(row);
  }
  return found;
}

function matches(row: ExecutionRow, query: ExecutionQuery): boolean {
  const { statuses = [], labels = {} } = query;
  return (
    row.namespace === query.namespace &&
    (query.workflow === undefined || row.workflow === query.workflow) &&
    (statuses.length === 0 || statuses.includes(row.status)) &&
    Object.entries(labels).every(([name, value]) => row.labels[name] === value) &&
    (query.startedAfterMs === undefined || row.startedAtMs > query.startedAfterMs) &&
    (query.startedBeforeMs === undefined || row.startedAtMs < query.startedBeforeMs) &&
    (query.after === undefined || compareStarts(row, query.after) < 0)
  );
}

export function unfinishedOf(
  { executions }: MemoryState,
  shard: number,
  afterExecutionId: string,
  limit: number,
): readonly ExecutionRow[] {
  return [...executions.values()]
    .filter((row) => row.shard === shard && row.endedAtMs === null && row.wakeAtMs === null)
    .filter((row) => row.executionId > afterExecutionId)
    .sort((a, b) => (a.executionId < b.executionId ? -1 : 1))
    .slice(0, limit);
}

export function sleepingOf(
  { executions }: MemoryState,
  shard: number,
  untilMs: number,
  after: Sleeper,
  limit: number,
): readonly Sleeper[] {
  return [...executions.values()]
    .filter((row) => row.shard === shard)
    .flatMap(({ executionId, wakeAtMs }) => (wakeAtMs === null ? [] : { executionId, wakeAtMs }))
    .filter((sleeper) => sleeper.wakeAtMs <= untilMs && compareSleepers(after, sleeper) < 0)
    .sort(compareSleepers)
    .slice(0, limit);
}

function compareSleepers(a: Sleeper, b: Sleeper): number {
  return (
    a.wakeAtMs - b.wakeAtMs || (a.executionId < b.executionId ? -1 : Number(a.executionId > b.executionId))
  );
}

export function snapshotOf({ snapshots }: MemoryState, executionId: string): SnapshotRow | undefined {
  return snapshots.get(executionId);
}

export function workflowIn(
  { workflows }: MemoryState,
  namespace: string,
  name: string,
  version: number | undefined,
): WorkflowRow | undefined {
  const versions = workflows.get(keyOf(namespace, name));
  return versions?.get(version ?? Math.max(...versions.keys()));
}

export function workflowsOf(
  state: MemoryState,
  namespace: string,
  afterName: string,
  limit: number,
): readonly WorkflowRow[] {
  return [...state.workflows.values()]
    .flatMap((versions) => versions.get(Math.max(...versions.keys())) ?? [])
    .filter((row) => row.namespace === namespace && row.name > afterName)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, limit);
}
