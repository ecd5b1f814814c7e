import { claimedShard } from "./claims.ts";
import type { Effect } from "./effect.ts";
import type { Input } from "./input.ts";
import { type Outcome, outcomeBytes } from "./outcome.ts";
import type { Run, WorkerState } from "./worker-state.ts";

/** The handler has ended: its slot is free, and its outcome counts unless the run was answered before. */
export function finish(state: WorkerState, dispatchId: string, outcome: Outcome): readonly Effect[] {
  const run = state.runs.get(dispatchId);
  if (!run) return [];
  state.runs.delete(dispatchId);
  run.capability.busy--;
  if (run.shard) run.shard.busy--;
  if (run.shard?.claimant) run.shard.claimant.busy--;
  state.loadChanged = true;
  return run.status === "answered" ? [] : settle(state, run, outcome);
}

/** Gives a run its one result: kept for the shard's claimant, and sent when there is one. */
export function settle(state: WorkerState, { dispatchId, shard }: Run, outcome: Outcome): readonly Effect[] {
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
