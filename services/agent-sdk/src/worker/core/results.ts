import { claimedShard } from "./claims.ts";
import type { Effect } from "./effect.ts";
import type { Input } from "./input.ts";
import { keep } from "./kept-successes.ts";
import { type Outcome, outcomeBytes } from "./outcome.ts";
import { successKeyLengthMax } from "./success-key.ts";
import type { Run, WorkerState } from "./worker-state.ts";

/**
 * The handler has ended: its slot is free, and its outcome counts unless the run was answered before. A success
 * is kept in any case: it answers the next attempt.
 */
export function finish(
  state: WorkerState,
  dispatchId: string,
  outcome: Outcome,
  nowMs: number,
): readonly Effect[] {
  const run = state.runs.get(dispatchId);
  if (!run) return [];
  state.runs.delete(dispatchId);
  run.capability.busy--;
  if (run.shard) run.shard.busy--;
  if (run.shard?.claimant) run.shard.claimant.busy--;
  state.loadChanged = true;
  if (outcome.status === "succeeded") remember(state, run.successKey, outcome.output, nowMs);
  return run.status === "answered" ? [] : settle(state, run, outcome);
}

/** Keeps a success beyond its ack, within the bounds. */
export function remember(state: WorkerState, key: string, output: Uint8Array, atMs: number): void {
  if (key.length > successKeyLengthMax) return;
  keep(state.successes, key, { output, bytes: output.byteLength, atMs }, state.limits.keptSuccesses);
}

/** Gives a dispatch its one result: kept for the shard's claimant, and sent when there is one. */
export function settle(
  state: WorkerState,
  { dispatchId, shard }: Pick<Run, "dispatchId" | "shard">,
  outcome: Outcome,
): readonly Effect[] {
  if (!shard) return [{ kind: "execute.ended", dispatchId, outcome }];
  const bytes = outcomeBytes(outcome);
  state.results.set(dispatchId, { dispatchId, shard, outcome, bytes });
  state.resultBytes += bytes;
  return shard.claimant ? [{ kind: "result", session: shard.claimant.id, dispatchId, outcome }] : [];
}

/** The claimant has these on disk: they may be forgotten. */
export function acknowledge(
  state: WorkerState,
  { session: id, shard: number, epoch, dispatchIds }: Extract<Input, { kind: "result-ack" }>,
): readonly Effect[] {
  const session = state.sessions.get(id);
  const shard = session && claimedShard(session, number, epoch, state);
  if (!shard) return [];
  for (const dispatchId of dispatchIds) {
    const result = state.results.get(dispatchId);
    if (result?.shard !== shard) continue;
    state.results.delete(dispatchId);
    state.resultBytes -= result.bytes;
  }
  return [];
}
