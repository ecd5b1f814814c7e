import type { Effect } from "../core/effect.ts";
import { type Execution, type ExecutionStatus, hasEnded } from "../core/execution.ts";
import { maySleepUntil, nextDueMs } from "../core/next-due.ts";
import type { ExecutionChange, ExecutionEnd, ExecutionRow } from "./store.ts";

/** An execution with nothing to do for so long leaves memory. */
export const sleepAfterMs = 60_000;

/** What its row says of an execution that has not ended. */
export type StoredState = { readonly status: ExecutionStatus; readonly wakeAtMs: number | null };

/** What the row has to say: awake, or asleep until it next has something to do. */
export function storedStateOf(execution: Execution, isWaiting: boolean, nowMs: number): StoredState {
  const sleeps = !isWaiting && maySleepUntil(execution, nowMs + sleepAfterMs);
  return { status: execution.state.status, wakeAtMs: sleeps ? nextDueMs(execution) : null };
}

/** What has to be written when the row says something else; undefined when it is right, or has ended. */
export function changeOf(
  execution: Execution,
  stored: StoredState,
  wanted: StoredState,
): ExecutionChange | undefined {
  if (hasEnded(execution)) return undefined;
  if (stored.status === wanted.status && stored.wakeAtMs === wanted.wakeAtMs) return undefined;
  return { executionId: execution.id, ...wanted };
}

export function endOf(execution: Execution, effects: readonly Effect[]): ExecutionEnd | undefined {
  const ended = effects.find((effect) => effect.kind === "ended");
  return ended && { executionId: execution.id, status: ended.status, endedAtMs: ended.endedAtMs };
}

/** The row of an execution that starts. */
export function startedRow(
  { id, workflow }: Execution,
  start: Pick<ExecutionRow, "namespace" | "labels" | "createdBy">,
  given: Pick<ExecutionRow, "shard" | "requestId" | "requestDigest" | "startedAtMs">,
): ExecutionRow {
  const { namespace, labels, createdBy } = start;
  const { shard, requestId, requestDigest, startedAtMs } = given;
  return {
    executionId: id,
    shard,
    namespace,
    workflow: workflow.definition.name,
    version: workflow.definition.version,
    status: "RUNNING",
    labels,
    createdBy,
    requestId,
    requestDigest,
    startedAtMs,
    endedAtMs: null,
    wakeAtMs: null,
  };
}
