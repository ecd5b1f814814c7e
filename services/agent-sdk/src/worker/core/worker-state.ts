/**
 * The worker is the authority on an agent's slots. It owns the running handlers, the results that no
 * orchestrator has acknowledged, and what it knows of orchestrators and their shards. Plain data, changed
 * by `apply` alone: time enters as `nowMs`, and what is to be done leaves as effects.
 *
 * Invariants
 *  1. runs.size ≤ slots, and a capability's `busy` ≤ its `concurrencyMax`; both with what is on offer.
 *  2. A slot is freed when its handler has ended, never by a deadline, a cancel or a lost session.
 *  3. A dispatch id that is in `runs` or `results` is never started again.
 *  4. A run of a shard ends in exactly one result, which is kept until the shard's claimant acknowledges it.
 *  5. Runs without an answer and kept results are at most keptResultsMax: what is taken can be kept.
 *  6. A shard's epoch never falls. Only its claimant, at exactly this epoch, dispatches, extends, cancels and acks.
 *  7. Nothing is said of a dispatch after its result but the result again.
 *  8. Each session's `busy` is the sum of its claimed shards' `busy`, which count `runs` by shard.
 *  9. A key with a kept success is answered from it and not run, whatever its dispatch id.
 * 10. wakeAtMs is not later than the earliest moment at which a run has something due, or an offer runs out.
 * 11. Every offer is of an open session.
 */
import { type Kept, type KeptSuccesses, noSuccesses } from "./kept-successes.ts";
import type { Limits } from "./limits.ts";
import type { Outcome } from "./outcome.ts";

export type WorkerState = {
  readonly slots: number;
  readonly limits: Limits;
  readonly capabilities: ReadonlyMap<string, CapabilitySlots>;
  readonly clusters: Map<string, Map<number, Shard>>;
  readonly sessions: Map<number, Session>;
  readonly runs: Map<string, Run>;
  readonly results: Map<string, KeptResult>;
  resultBytes: number;
  readonly successes: KeptSuccesses<KeptSuccess>;
  shardCount: number;
  /** Free slots that are kept for somebody. */
  offers: Offer[];
  draining: boolean;
  /** Some slot or share changed since the last `load.due`. */
  loadChanged: boolean;
  wakeAtMs: number;
};

export type CapabilitySlots = { readonly concurrencyMax: number; busy: number };

export type Shard = {
  readonly number: number;
  epoch: bigint;
  /** Whom results go to; undefined while nobody has claimed it on an open session. */
  claimant: Session | undefined;
  busy: number;
};

export type Session = {
  readonly id: number;
  readonly orchestratorId: string;
  readonly cluster: string;
  readonly claimed: Set<Shard>;
  busy: number;
  /** What this orchestrator was told last. */
  told: Told;
  /** What waits there for a slot here. */
  readonly waits: Map<CapabilitySlots, Wait>;
  /** Offers that it has let run out, one after the other. */
  missedOffers: number;
  /** Until then it is offered nothing, if it has let too many run out. */
  passedOverUntilMs: number;
};

/** How an orchestrator sees the others here. */
export type Told = { readonly busyElsewhere: number; readonly otherOrchestrators: number };

/** Steps that found no free slot. */
export type Wait = {
  /** Since when the next of them has waited. */
  readonly sinceMs: number;
  /** Those that nothing is on offer to yet. */
  left: number;
};

/** A free slot that is kept for one orchestrator's steps of a capability. */
export type Offer = {
  readonly session: Session;
  readonly capability: CapabilitySlots;
  readonly expiresMs: number;
};

/** A handler that holds a slot. */
export type Run = {
  readonly dispatchId: string;
  /** What its success is kept under. */
  readonly successKey: string;
  readonly capability: CapabilitySlots;
  /** Undefined for a unary Execute, whose result goes to its caller. */
  readonly shard: Shard | undefined;
  /** What the attempt was given, pauses not counted; for messages. */
  timeoutMs: number;
  /** When the attempt times out; Infinity: never, or not while it is paused. */
  deadlineMs: number;
  /** `timed-out`: its signal is aborted; `answered`: it has failed and the handler still runs. */
  status: "running" | "timed-out" | "answered";
  /** Running: the deadline. Timed out: when it fails. */
  dueMs: number;
  progressDueMs: number;
  /** What nobody has been told yet. */
  progress: { readonly fraction: number; readonly message: string } | undefined;
};

export type KeptResult = {
  readonly dispatchId: string;
  readonly shard: Shard;
  readonly outcome: Outcome;
  readonly bytes: number;
};

/** A success that outlives its ack. */
export type KeptSuccess = Kept & { readonly output: Uint8Array };

export type WorkerShape = {
  readonly slots: number;
  /** Each capability's concurrency; undefined: all slots. */
  readonly capabilities: ReadonlyMap<string, number | undefined>;
  readonly limits: Limits;
};

export function createWorkerState({ slots, capabilities, limits }: WorkerShape): WorkerState {
  const bySlots = [...capabilities].map(
    ([name, concurrencyMax]) => [name, { concurrencyMax: concurrencyMax ?? slots, busy: 0 }] as const,
  );
  return {
    slots,
    limits,
    capabilities: new Map(bySlots),
    clusters: new Map(),
    sessions: new Map(),
    runs: new Map(),
    results: new Map(),
    resultBytes: 0,
    successes: noSuccesses(),
    shardCount: 0,
    offers: [],
    draining: false,
    loadChanged: false,
    wakeAtMs: Number.POSITIVE_INFINITY,
  };
}

/** Slots that nothing runs in and that are kept for nobody. */
export function freeSlots(state: WorkerState): number {
  return state.slots - state.runs.size - state.offers.length;
}

/** Slots that are taken by others than this session's orchestrator, or kept for them. */
export function othersShare(state: WorkerState, session: Session): Told {
  return {
    busyElsewhere: state.runs.size - session.busy + offeredToOthers(state, session).length,
    otherOrchestrators: state.sessions.size - Number(state.sessions.has(session.id)),
  };
}

export function offeredToOthers({ offers }: WorkerState, session: Session | undefined): readonly Offer[] {
  return offers.length === 0 ? offers : offers.filter((offer) => offer.session !== session);
}

/** No further result could wait for its ack. */
export function isKeepingFull({ runs, results, resultBytes, limits }: WorkerState): boolean {
  return runs.size + results.size >= limits.keptResultsMax || resultBytes >= limits.keptResultBytesMax;
}

/** Draining, and nothing is left that somebody waits for. */
export function isDrained(state: WorkerState): boolean {
  return state.draining && state.runs.size === 0 && state.results.size === 0;
}
