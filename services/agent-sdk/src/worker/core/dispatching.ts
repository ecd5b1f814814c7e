import { claimedShard } from "./claims.ts";
import type { Effect, RejectionReason } from "./effect.ts";
import type { Dispatch, Input } from "./input.ts";
import { recall } from "./kept-successes.ts";
import { takeOffer } from "./offers.ts";
import { succeeded } from "./outcome.ts";
import { settle } from "./results.ts";
import { successKey } from "./success-key.ts";
import { limitOf } from "./timing.ts";
import {
  isKeepingFull,
  offeredToOthers,
  othersShare,
  type Session,
  type Shard,
  type WorkerState,
} from "./worker-state.ts";

/**
 * Takes the dispatch or refuses it at once. One that is known is answered again and never run twice; one whose
 * key has succeeded here is answered with that success, draining or not.
 */
export function dispatch(
  state: WorkerState,
  input: Extract<Input, { kind: "dispatch" }>,
  nowMs: number,
): readonly Effect[] {
  const session = state.sessions.get(input.session);
  if (!session) return [];
  const { dispatchId, shard: number, epoch, capability } = input.dispatch;
  const shard = claimedShard(session, number, epoch, state);
  if (!shard) return [rejected(state, session, dispatchId, "FENCED")];
  // Taken or not: it still answers what it is offered.
  session.missedOffers = 0;
  const again = answerAgain(state, session, shard, dispatchId);
  if (again) return again;
  const key = successKey(session.cluster, input.dispatch);
  const success = recall(state.successes, key, state.limits.keptSuccesses, nowMs);
  if (success && !isKeepingFull(state))
    return settle(state, { dispatchId, shard }, succeeded(success.output));
  const reason = refusal(state, capability, session);
  if (reason) return [rejected(state, session, dispatchId, reason)];
  start(state, input.dispatch, { shard, key, nowMs });
  return [
    { kind: "accepted", session: session.id, dispatchId },
    { kind: "run", dispatch: input.dispatch },
  ];
}

/** A unary call: the same slots and kept successes; no shard, and no result waits for an ack. */
export function execute(state: WorkerState, dispatch: Dispatch, nowMs: number): readonly Effect[] {
  const { dispatchId, capability } = dispatch;
  const key = successKey("", dispatch);
  const success = recall(state.successes, key, state.limits.keptSuccesses, nowMs);
  if (success) return [{ kind: "execute.ended", dispatchId, outcome: succeeded(success.output) }];
  const reason = isKnown(state, dispatchId) ? "FULL" : refusal(state, capability, undefined);
  if (reason) return [{ kind: "execute.rejected", dispatchId, reason }];
  start(state, dispatch, { shard: undefined, key, nowMs });
  return [{ kind: "run", dispatch }];
}

export function cancel(
  state: WorkerState,
  { session: id, shard: number, epoch, dispatchId, reason }: Extract<Input, { kind: "cancel" }>,
): readonly Effect[] {
  const session = state.sessions.get(id);
  const shard = session && claimedShard(session, number, epoch, state);
  const run = state.runs.get(dispatchId);
  if (!shard || run?.shard !== shard) return [];
  return [{ kind: "abort", dispatchId, cause: { kind: "cancelled", reason } }];
}

/** The caller of Execute is gone. */
export function abandon(state: WorkerState, dispatchId: string): readonly Effect[] {
  const run = state.runs.get(dispatchId);
  if (!run || run.shard) return [];
  return [{ kind: "abort", dispatchId, cause: { kind: "cancelled", reason: "the caller is gone" } }];
}

function answerAgain(
  state: WorkerState,
  session: Session,
  shard: Shard,
  dispatchId: string,
): readonly Effect[] | undefined {
  const known = state.results.get(dispatchId) ?? state.runs.get(dispatchId);
  if (!known) return undefined;
  // Ids are unique for ever; should two clusters share one, neither hears of the other's work.
  if (known.shard !== shard) return [rejected(state, session, dispatchId, "FULL")];
  if ("outcome" in known)
    return [{ kind: "result", session: session.id, dispatchId, outcome: known.outcome }];
  return known.status === "answered" ? [] : [{ kind: "accepted", session: session.id, dispatchId }];
}

function isKnown(state: WorkerState, dispatchId: string): boolean {
  return state.runs.has(dispatchId) || state.results.has(dispatchId);
}

function refusal(
  state: WorkerState,
  name: string,
  session: Session | undefined,
): RejectionReason | undefined {
  if (state.draining) return "DRAINING";
  const capability = state.capabilities.get(name);
  if (!capability) return "UNKNOWN_CAPABILITY";
  const kept = offeredToOthers(state, session);
  const keptHere = kept.filter((offer) => offer.capability === capability).length;
  const isFull =
    state.runs.size + kept.length >= state.slots ||
    capability.busy + keptHere >= capability.concurrencyMax ||
    isKeepingFull(state);
  return isFull ? "FULL" : undefined;
}

function rejected(state: WorkerState, session: Session, dispatchId: string, reason: RejectionReason): Effect {
  const { busyElsewhere } = othersShare(state, session);
  session.told = { ...session.told, busyElsewhere };
  return { kind: "rejected", session: session.id, dispatchId, reason, busyElsewhere };
}

type Start = { readonly shard: Shard | undefined; readonly key: string; readonly nowMs: number };

function start(state: WorkerState, dispatch: Dispatch, { shard, key, nowMs }: Start): void {
  const { dispatchId } = dispatch;
  const capability = state.capabilities.get(dispatch.capability);
  if (!capability) throw new Error(`${dispatch.capability} was admitted without being a capability`);
  const timeoutMs = limitOf(dispatch.timeLeftMs);
  const deadlineMs = nowMs + timeoutMs;
  state.runs.set(dispatchId, {
    dispatchId,
    successKey: key,
    capability,
    shard,
    timeoutMs,
    deadlineMs,
    status: "running",
    dueMs: deadlineMs,
    progressDueMs: nowMs,
    progress: undefined,
  });
  capability.busy++;
  if (shard) shard.busy++;
  if (shard?.claimant) {
    shard.claimant.busy++;
    takeOffer(state, shard.claimant, capability);
  }
  state.loadChanged = true;
  if (deadlineMs < state.wakeAtMs) state.wakeAtMs = deadlineMs;
}
