/** How a call to an agent ended, as its caller saw it. */
export type Outcome = {
  /** REFUSED: the agent was full or draining, which is no fault of its own. */
  readonly kind: "SUCCEEDED" | "FAILED" | "REFUSED";
  /** Undefined: not told. */
  readonly latencyMs: number | undefined;
};

/** What counts fades: half of it is forgotten in this time, so that an agent which failed is tried again. */
const halfLifeMs = 30_000;
/** As if so many calls had succeeded before the first: one failure alone is no verdict. */
const priorCalls = 4;
/** A failing agent is idle and looks attractive, so the penalty must outweigh its free slots. */
const penaltyPower = 3;
/** The weight of so many latencies decides how much of a difference is believed. */
const shrinkCalls = 10;
const speedMax = 4;

/** Sums that fade. Written by `Outcomes` alone. */
class Tally {
  #calls = 0;
  #failed = 0;
  #timed = 0;
  #logLatency = 0;
  #at = 0;

  add({ kind, latencyMs }: Outcome, at: number): void {
    this.#fade(at);
    if (kind === "REFUSED") return;
    this.#calls++;
    if (kind === "FAILED") this.#failed++;
    // A failure's latency says nothing of speed: what fails at once would look fast.
    if (kind === "FAILED" || latencyMs === undefined) return;
    this.#timed++;
    this.#logLatency += Math.log(Math.max(1, latencyMs));
  }

  errorShare(at: number): number {
    this.#fade(at);
    return this.#failed / (this.#calls + priorCalls);
  }

  /** How much longer than in `fleet` calls take, as a logarithm; less of it the fewer calls are known. */
  slowness(fleet: Tally, at: number): number {
    this.#fade(at);
    fleet.#fade(at);
    if (this.#timed === 0 || fleet.#timed === 0) return 0;
    const difference = this.#logLatency / this.#timed - fleet.#logLatency / fleet.#timed;
    return (difference * this.#timed) / (this.#timed + shrinkCalls);
  }

  #fade(at: number): void {
    const left = 0.5 ** ((at - this.#at) / halfLifeMs);
    this.#at = at;
    this.#calls *= left;
    this.#failed *= left;
    this.#timed *= left;
    this.#logLatency *= left;
  }
}

/**
 * How calls to agents ended. It owns the tallies of each agent's capabilities, and those of each capability.
 * `at` is monotonic milliseconds and never goes back.
 */
export class Outcomes {
  readonly #ofAgents = new Map<string, Map<string, Tally>>();
  readonly #ofCapabilities = new Map<string, Tally>();

  /** Counts a call. */
  add(agentId: string, capability: string, outcome: Outcome, at: number): void {
    const ofAgent = getOrAdd(this.#ofAgents, agentId, () => new Map<string, Tally>());
    getOrAdd(ofAgent, capability, () => new Tally()).add(outcome, at);
    getOrAdd(this.#ofCapabilities, capability, () => new Tally()).add(outcome, at);
  }

  /** How attractive an agent is for a capability, other things being equal; 1: nothing is known of it. */
  weight(agentId: string, capability: string, at: number): number {
    const ofAgent = this.#ofAgents.get(agentId)?.get(capability);
    const fleet = this.#ofCapabilities.get(capability);
    if (!ofAgent || !fleet) return 1;
    const reliability = (1 - ofAgent.errorShare(at)) ** penaltyPower;
    const speed = Math.exp(-ofAgent.slowness(fleet, at));
    return reliability * Math.min(speedMax, Math.max(1 / speedMax, speed));
  }

  /** Forgets an agent: another incarnation begins with a clean slate. */
  forget(agentId: string): void {
    this.#ofAgents.delete(agentId);
  }

  /** Forgets a capability that nobody offers any more. */
  forgetCapability(capability: string): void {
    this.#ofCapabilities.delete(capability);
  }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
