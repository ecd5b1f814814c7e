import { apply } from "./apply.ts";
import type { Effect } from "./effect.ts";
import type { Dispatch, Input } from "./input.ts";
import { type Limits, workerLimits } from "./limits.ts";
import { succeeded } from "./outcome.ts";
import { createWorkerState } from "./worker-state.ts";

/** A success. */
export const output = succeeded(Buffer.from("1"));

/** Two slots, and what can happen to them. */
export function worker(limits: Partial<Limits> = {}) {
  const state = createWorkerState({
    slots: 2,
    capabilities: new Map([
      ["work", undefined],
      ["rare", 1],
    ]),
    limits: { ...workerLimits, ...limits },
  });
  let nowMs = 0;
  const when = (input: Input): readonly Effect[] => apply(state, input, nowMs);
  return {
    state,
    when,
    open: (session: number, orchestratorId = "o1", cluster = "c") =>
      when({ kind: "session.opened", session, cluster, orchestratorId }),
    claim: (session: number, epoch: bigint, shard = 0) => when({ kind: "claim", session, shard, epoch }),
    dispatch: (session: number, dispatchId: string, more: Partial<Dispatch> = {}) =>
      when({ kind: "dispatch", session, dispatch: dispatchOf(dispatchId, more) }),
    finish: (dispatchId: string) => when({ kind: "finished", dispatchId, outcome: output }),
    wait: (session: number, ageMs: number, steps = 1, capability = "work") =>
      when({ kind: "wait", session, capability, ageMs, steps }),
    ack: (session: number, epoch: bigint, ...dispatchIds: string[]) =>
      when({ kind: "result-ack", session, shard: 0, epoch, dispatchIds }),
    progress: (dispatchId: string, fraction: number, message = "") =>
      when({ kind: "progressed", dispatchId, fraction, message }),
    at: (ms: number) => {
      nowMs = ms;
      return when({ kind: "woke" });
    },
  };
}

/** With one session that has claimed shard 0 at epoch 1. */
export function claimedWorker(limits?: Partial<Limits>) {
  const given = worker(limits);
  given.open(1);
  given.claim(1, 1n);
  return given;
}

export function dispatchOf(dispatchId: string, more: Partial<Dispatch>): Dispatch {
  return {
    dispatchId,
    shard: 0,
    epoch: 1n,
    capability: "work",
    namespace: "default",
    workflow: "w",
    input: Buffer.from("{}"),
    timeLeftMs: 0n,
    ...more,
  };
}
