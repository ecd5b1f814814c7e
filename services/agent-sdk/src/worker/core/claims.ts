import type { Effect } from "./effect.ts";
import type { Input } from "./input.ts";
import { tellProgress } from "./progress.ts";
import type { Session, Shard, WorkerState } from "./worker-state.ts";

/** A new session of an orchestrator replaces its old one; shards have to be claimed on it anew. */
export function open(
  state: WorkerState,
  { session: id, cluster, orchestratorId }: Extract<Input, { kind: "session.opened" }>,
): readonly Effect[] {
  const effects: Effect[] = [];
  const old = sessionOf(state, cluster, orchestratorId);
  if (old) {
    release(state, old);
    effects.push({ kind: "end", session: old.id, cause: "REPLACED" });
  }
  if (state.sessions.size >= state.limits.sessionsMax)
    return [...effects, { kind: "end", session: id, cause: "TOO_MANY" }];
  const told = {
    busyElsewhere: state.runs.size + state.offers.length,
    otherOrchestrators: state.sessions.size,
  };
  const nothing = {
    claimed: new Set<Shard>(),
    busy: 0,
    waits: new Map(),
    missedOffers: 0,
    passedOverUntilMs: 0,
  };
  state.sessions.set(id, { id, cluster, orchestratorId, ...nothing, told });
  state.loadChanged = true;
  effects.push({ kind: "welcome", session: id, ...told });
  if (state.draining) effects.push({ kind: "draining", session: id });
  return effects;
}

/** Work of a closed session runs on, and its results are kept for the next claimant. */
export function close(state: WorkerState, id: number): readonly Effect[] {
  const session = state.sessions.get(id);
  if (session) release(state, session);
  return [];
}

/** Answers with what the agent has of the shard; then its finished results, once more, and progress that waited. */
export function claim(
  state: WorkerState,
  input: Extract<Input, { kind: "claim" }>,
  nowMs: number,
): readonly Effect[] {
  const session = state.sessions.get(input.session);
  if (!session) return [];
  const shard = shardOf(state, session.cluster, input.shard);
  if (!shard) return [{ kind: "end", session: session.id, cause: "TOO_MANY" }];
  if (input.epoch < shard.epoch) return [inFlight(session, shard, [], [])];
  shard.epoch = input.epoch;
  assign(state, shard, session);
  const running = [...state.runs.values()].filter((run) => run.shard === shard && run.status !== "answered");
  const finished = [...state.results.values()].filter((result) => result.shard === shard);
  return [
    inFlight(session, shard, running.map(idOf), finished.map(idOf)),
    ...finished.map(
      ({ dispatchId, outcome }) => ({ kind: "result", session: session.id, dispatchId, outcome }) as const,
    ),
    ...running.flatMap((run) => tellProgress(state, run, nowMs)),
  ];
}

/** The shard, if this session is its claimant at exactly this epoch. */
export function claimedShard(session: Session, number: number, epoch: bigint, state: WorkerState) {
  const shard = state.clusters.get(session.cluster)?.get(number);
  return shard && shard.claimant === session && shard.epoch === epoch ? shard : undefined;
}

function inFlight(session: Session, shard: Shard, running: string[], finished: string[]): Effect {
  return {
    kind: "in-flight",
    session: session.id,
    shard: shard.number,
    epoch: shard.epoch,
    running,
    finished,
  };
}

function idOf({ dispatchId }: { readonly dispatchId: string }): string {
  return dispatchId;
}

function sessionOf(state: WorkerState, cluster: string, orchestratorId: string): Session | undefined {
  for (const session of state.sessions.values())
    if (session.orchestratorId === orchestratorId && session.cluster === cluster) return session;
  return undefined;
}

function shardOf(state: WorkerState, cluster: string, number: number): Shard | undefined {
  const shards = state.clusters.get(cluster) ?? new Map<number, Shard>();
  const known = shards.get(number);
  if (known) return known;
  if (state.shardCount >= state.limits.shardsMax) return undefined;
  const shard: Shard = { number, epoch: 0n, claimant: undefined, busy: 0 };
  state.clusters.set(cluster, shards.set(number, shard));
  state.shardCount++;
  return shard;
}

function assign(state: WorkerState, shard: Shard, session: Session): void {
  if (shard.claimant === session) return;
  unassign(shard);
  shard.claimant = session;
  session.claimed.add(shard);
  session.busy += shard.busy;
  state.loadChanged ||= shard.busy > 0;
}

function unassign(shard: Shard): void {
  if (!shard.claimant) return;
  shard.claimant.busy -= shard.busy;
  shard.claimant.claimed.delete(shard);
  shard.claimant = undefined;
}

function release(state: WorkerState, session: Session): void {
  for (const shard of session.claimed) unassign(shard);
  state.sessions.delete(session.id);
  state.offers = state.offers.filter((offer) => offer.session !== session);
  state.loadChanged = true;
}
