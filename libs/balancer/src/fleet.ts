import { type AgentOffer, type Candidate, freeSlots, isOpen, type Lane, type Pool } from "./candidate.ts";
import { pick } from "./pick.ts";
import { StepMedians } from "./step-medians.ts";
import { addFailure, addSuccess, errorRate, logSlowdown, newTrackRecord, samples } from "./track-record.ts";

/** How a call at an agent ended. */
export type Completion = {
  /** From the send to the answer; undefined when nobody measured it: it took as long as it does elsewhere. */
  readonly latencyMs: number | undefined;
  /** The agent's own: it could not do what others can. What is wrong with the step itself is none. */
  readonly isFailure: boolean;
};

/** The state of one agent, for explaining why work waits. */
export type AgentSnapshot = {
  readonly id: string;
  readonly slots: number;
  readonly mine: number;
  readonly busyElsewhere: number;
  readonly free: number;
  readonly eligible: boolean;
  readonly capabilities: readonly {
    readonly name: string;
    readonly running: number;
    /** 0: withdrawn by the agent, and its last work still runs. */
    readonly concurrencyMax: number;
    readonly open: boolean;
    /** How many times slower than the fleet it is, as far as is known; 1: as quick. */
    readonly slowdown: number;
    /** Successes that this rests on; old ones count for less. */
    readonly samples: number;
    /** The share of its calls that fail, as far as is known. */
    readonly errorRate: number;
  }[];
};

/** Step types whose usual latency is remembered. */
const stepTypesMax = 4_096;

/** A slot that failed rests until as many calls of usual length could have been made there. */
const callsMissedByFailure = 3;

/** No slot rests longer. */
const restMsMax = 60_000;

/**
 * The agents that one orchestrator knows, and the slots it has reserved at them. It owns candidates, lanes
 * and pools; nobody else writes them. Every method but `snapshot` costs at worst the agent's capabilities.
 *
 * 1. A candidate's `mine` is the sum of `running` over its lanes.
 * 2. A lane is in its pool's `open`, at its `place`, exactly when `isOpen` holds.
 * 3. `reserve` never takes a slot that is not free, nor exceeds a capability's own maximum. `reserveAt` may:
 *    it records work that runs already.
 * 4. A withdrawn lane lives until its last work is released; a pool lives as long as a lane does.
 * 5. A fleet's `mine` and `busyElsewhere` are the sums over its candidates.
 * 6. `remove` voids the agent's reservations: whoever removes it releases none of them afterwards.
 */
export class Fleet {
  readonly #candidates = new Map<string, Candidate>();
  readonly #pools = new Map<string, Pool>();
  readonly #stepMedians = new StepMedians(stepTypesMax);
  #mine = 0;
  #busyElsewhere = 0;

  /** Adds an agent, not yet eligible, or updates what a known one offers; its reservations stay. */
  upsert(agent: AgentOffer): void {
    let candidate = this.#candidates.get(agent.id);
    if (candidate) candidate.slots = agent.slots;
    else candidate = this.#add(agent);
    for (const lane of candidate.lanes.values()) setConcurrencyMax(lane, 0);
    for (const { name, concurrencyMax } of agent.capabilities) {
      const lane = candidate.lanes.get(name) ?? this.#addLane(candidate, name);
      setConcurrencyMax(lane, concurrencyMax === 0 ? agent.slots : concurrencyMax);
    }
    for (const lane of candidate.lanes.values()) {
      if (lane.concurrencyMax === 0 && lane.running === 0) this.#removeLane(lane);
      else refresh(lane);
    }
  }

  /** Forgets an agent and what was reserved at it. */
  remove(id: string): void {
    const candidate = this.#candidates.get(id);
    if (!candidate) return;
    for (const lane of candidate.lanes.values()) this.#removeLane(lane);
    this.#mine -= candidate.mine;
    this.#busyElsewhere -= candidate.busyElsewhere;
    this.#candidates.delete(id);
  }

  /** Whether the agent may be given work; ignored for an unknown one. */
  setEligible(id: string, eligible: boolean): void {
    const candidate = this.#candidates.get(id);
    if (!candidate || candidate.eligible === eligible) return;
    candidate.eligible = eligible;
    refreshAll(candidate);
  }

  /** How many of the agent's slots others' work takes; ignored for an unknown one. */
  setBusyElsewhere(id: string, slots: number): void {
    const candidate = this.#candidates.get(id);
    if (!candidate) return;
    const hadFree = freeSlots(candidate) > 0;
    this.#busyElsewhere += slots - candidate.busyElsewhere;
    candidate.busyElsewhere = slots;
    if (freeSlots(candidate) > 0 !== hadFree) refreshAll(candidate);
  }

  /** Takes a slot at the best of four sampled agents. Undefined: none is free, or those that are, are excluded. */
  reserve(capability: string, random: () => number, exclude?: ReadonlySet<string>): string | undefined {
    const pool = this.#pools.get(capability);
    const lane = pool && pick(pool.open, random, exclude);
    if (!lane) return undefined;
    this.#take(lane);
    return lane.candidate.id;
  }

  /** Takes a slot at this agent, free or not: work runs there, or is bound to it. False: the agent is unknown. */
  reserveAt(agentId: string, capability: string): boolean {
    const candidate = this.#candidates.get(agentId);
    if (!candidate) return false;
    this.#take(candidate.lanes.get(capability) ?? this.#addLane(candidate, capability));
    return true;
  }

  /**
   * Learns from a call that ended, before its slot is given back; ignored for an unknown agent. The answer is
   * for how many ms the slot should rest before it is released, 0 but after a failure. An agent that fails at
   * once is free at once: without rest it would draw all that waits, whatever its score.
   */
  completed(agentId: string, capability: string, stepType: string, completion: Completion): number {
    const lane = this.#candidates.get(agentId)?.lanes.get(capability);
    if (!lane) return 0;
    const { record, pool } = lane;
    pool.round += 1 / pool.lanes;
    if (completion.isFailure) {
      addFailure(record, pool.round);
      return this.#restMs(lane, stepType, completion.latencyMs);
    }
    const { latencyMs } = completion;
    addSuccess(
      record,
      pool.round,
      latencyMs === undefined ? 0 : this.#stepMedians.logRatio(stepType, latencyMs),
    );
    return 0;
  }

  /** Gives a slot back. Ignored when nothing of this capability is reserved there. */
  release(agentId: string, capability: string): void {
    const lane = this.#candidates.get(agentId)?.lanes.get(capability);
    if (!lane || lane.running === 0) return;
    const { candidate } = lane;
    lane.running--;
    candidate.mine--;
    this.#mine--;
    if (lane.concurrencyMax === 0 && lane.running === 0) this.#removeLane(lane);
    else refresh(lane);
    if (freeSlots(candidate) === 1) refreshAll(candidate);
  }

  /** The capabilities that this agent could take work of now. */
  openCapabilities(agentId: string): readonly string[] {
    const names: string[] = [];
    const lanes = this.#candidates.get(agentId)?.lanes.values() ?? [];
    for (const lane of lanes) if (lane.place >= 0) names.push(lane.pool.capability);
    return names;
  }

  /** Whether any known agent offers it, eligible or not, free or full. */
  hasCapability(capability: string): boolean {
    return (this.#pools.get(capability)?.offered ?? 0) > 0;
  }

  /** All agents as they are now. */
  snapshot(): readonly AgentSnapshot[] {
    return [...this.#candidates.values()].map((candidate) => ({
      id: candidate.id,
      slots: candidate.slots,
      mine: candidate.mine,
      busyElsewhere: candidate.busyElsewhere,
      free: freeSlots(candidate),
      eligible: candidate.eligible,
      capabilities: [...candidate.lanes.values()].map((lane) => ({
        name: lane.pool.capability,
        running: lane.running,
        concurrencyMax: lane.concurrencyMax,
        open: lane.place >= 0,
        slowdown: Math.exp(logSlowdown(lane.record, lane.pool.round)),
        samples: samples(lane.record, lane.pool.round),
        errorRate: errorRate(lane.record, lane.pool.round),
      })),
    }));
  }

  #take(lane: Lane): void {
    const { candidate } = lane;
    lane.running++;
    candidate.mine++;
    this.#mine++;
    if (freeSlots(candidate) === 0) refreshAll(candidate);
    else refresh(lane);
  }

  /** As long as others rest slots at the agent too, each of them rests that much longer. */
  #restMs({ record, pool }: Lane, stepType: string, latencyMs = 0): number {
    const typicalMs = this.#stepMedians.typicalMs(stepType) ?? 0;
    const orchestrators = 1 + this.#busyElsewhere / Math.max(1, this.#mine);
    const missedMs = callsMissedByFailure * typicalMs * orchestrators * errorRate(record, pool.round);
    return Math.max(0, Math.min(missedMs - latencyMs, restMsMax));
  }

  #add({ id, slots }: AgentOffer): Candidate {
    const candidate = { id, slots, mine: 0, busyElsewhere: 0, eligible: false, lanes: new Map() };
    this.#candidates.set(id, candidate);
    return candidate;
  }

  #addLane(candidate: Candidate, capability: string): Lane {
    const pool = this.#pools.get(capability) ?? newPool(capability);
    this.#pools.set(capability, pool);
    const record = newTrackRecord(pool.round);
    const lane = { candidate, pool, concurrencyMax: 0, running: 0, record, place: -1 };
    pool.lanes++;
    candidate.lanes.set(capability, lane);
    return lane;
  }

  #removeLane(lane: Lane): void {
    const { candidate, pool } = lane;
    setConcurrencyMax(lane, 0);
    refresh(lane);
    candidate.lanes.delete(pool.capability);
    pool.lanes--;
    if (pool.lanes === 0) this.#pools.delete(pool.capability);
  }
}

function newPool(capability: string): Pool {
  return { capability, open: [], lanes: 0, offered: 0, round: 0 };
}

function setConcurrencyMax(lane: Lane, concurrencyMax: number): void {
  lane.pool.offered += Number(concurrencyMax > 0) - Number(lane.concurrencyMax > 0);
  lane.concurrencyMax = concurrencyMax;
}

function refreshAll(candidate: Candidate): void {
  for (const lane of candidate.lanes.values()) refresh(lane);
}

/** Restores invariant 2 for one lane; removal moves the last one into the gap. */
function refresh(lane: Lane): void {
  const { open } = lane.pool;
  if (isOpen(lane)) {
    if (lane.place < 0) lane.place = open.push(lane) - 1;
  } else if (lane.place >= 0) {
    const last = open.pop() as Lane;
    if (last !== lane) {
      open[lane.place] = last;
      last.place = lane.place;
    }
    lane.place = -1;
  }
}
