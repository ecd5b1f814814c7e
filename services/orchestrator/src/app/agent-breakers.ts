import type { Breaker, BreakerGround, BreakerOutcome, BreakerRules } from "@weft/runtime/breaker";
import { Breakers } from "@weft/runtime/breakers";
import type { BreakerCause } from "./breaker-changes.ts";

/** Far above what an agent offers. */
const capabilitiesMax = 10_000;

export type AgentBreakerListener = {
  /** The agent may be given work of a capability again, a probe at least. */
  admits(agentId: string): void;
  /** Its breaker is in another state; the agent's are closed, and no more, when it is gone. */
  changed(agentId: string, capability: string, breaker: Breaker, cause: BreakerCause): void;
};

/** What a breaker has to know of a call. */
export type AgentCall = { readonly agentId: string; readonly capability: string; readonly epoch: number };

/**
 * Which agents to pass over for which capability: those that keep failing at it. Each agent has its own, and
 * they go with it, so that a new process starts with none.
 *
 * An agent is in `passedOver` of a capability exactly while its breaker for it lets nothing through.
 */
export class AgentBreakers {
  readonly #ground: BreakerGround;
  readonly #rules: BreakerRules;
  readonly #listener: AgentBreakerListener;
  readonly #byAgent = new Map<string, Breakers>();
  readonly #passedOver = new Map<string, Set<string>>();

  constructor(
    ground: BreakerGround,
    rules: Omit<BreakerRules, "watchesShare">,
    listener: AgentBreakerListener,
  ) {
    this.#ground = ground;
    this.#rules = { ...rules, watchesShare: true };
    this.#listener = listener;
  }

  /** Agents that are given no work of the capability now. */
  passedOver(capability: string): ReadonlySet<string> | undefined {
    return this.#passedOver.get(capability);
  }

  /** Those of the agent's capabilities for which it is not passed over. */
  admitted(agentId: string, capabilities: readonly string[]): readonly string[] {
    if (this.#passedOver.size === 0) return capabilities;
    return capabilities.filter((capability) => !this.#passedOver.get(capability)?.has(agentId));
  }

  /** The agent is given work: half-open, it is the probe. */
  begin(agentId: string, capability: string): void {
    const breakers = this.#byAgent.get(agentId);
    if (!breakers || breakers.allClosed) return;
    breakers.get(capability)?.begin();
    this.#look(agentId, capability);
  }

  /** The work that it was given does not go out after all. */
  giveBack(agentId: string, capability: string): void {
    const breakers = this.#byAgent.get(agentId);
    if (!breakers || breakers.allClosed) return;
    breakers.get(capability)?.giveBack();
    this.#look(agentId, capability);
  }

  record({ agentId, capability, epoch }: AgentCall, outcome: BreakerOutcome, failureCode?: string): void {
    const breakers = this.#byAgent.get(agentId) ?? (outcome === "neither" ? undefined : this.#add(agentId));
    breakers?.record(capability, epoch, outcome, failureCode);
  }

  progressed(agentId: string, capability: string, epoch: number): void {
    this.#byAgent.get(agentId)?.get(capability)?.progressed(epoch);
  }

  /** When the first of those that are passed over is tried again; undefined when that depends on a probe. */
  nextProbeAtMs(capability: string): number | undefined {
    const times = [...(this.#passedOver.get(capability) ?? [])].flatMap(
      (agentId) => this.#byAgent.get(agentId)?.get(capability)?.snapshot().nextProbeAtMs ?? [],
    );
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Every breaker that has had something to count. */
  *entries(): Iterable<readonly [agentId: string, capability: string, breaker: Breaker]> {
    for (const [agentId, breakers] of this.#byAgent)
      for (const [capability, breaker] of breakers.entries()) yield [agentId, capability, breaker];
  }

  /** The agent's process is gone. */
  forget(agentId: string): void {
    const breakers = this.#byAgent.get(agentId);
    if (!breakers) return;
    const entries = [...breakers.entries()].map(([...entry]) => [...entry, entry[1].state] as const);
    breakers.shutdown();
    this.#byAgent.delete(agentId);
    for (const [capability, breaker, from] of entries) {
      if (from === "CLOSED") continue;
      this.#drop(agentId, capability);
      this.#listener.changed(agentId, capability, breaker, { from, reason: "AGENT_GONE" });
    }
  }

  /** Runs no timer and reports nothing any more. */
  stop(): void {
    for (const breakers of this.#byAgent.values()) breakers.shutdown();
    this.#byAgent.clear();
    this.#passedOver.clear();
  }

  #add(agentId: string): Breakers {
    const breakers = new Breakers({
      ground: this.#ground,
      rules: this.#rules,
      keysMax: capabilitiesMax,
      changed: (capability, breaker, change) => {
        if (change) this.#listener.changed(agentId, capability, breaker, change);
        if (this.#look(agentId, capability)) this.#listener.admits(agentId);
      },
    });
    this.#byAgent.set(agentId, breakers);
    return breakers;
  }

  /** Restores the invariant for one breaker; whether it lets something through. */
  #look(agentId: string, capability: string): boolean {
    const admits = this.#byAgent.get(agentId)?.admits(capability) ?? true;
    const agents = this.#passedOver.get(capability);
    if (admits) this.#drop(agentId, capability);
    else if (agents) agents.add(agentId);
    else this.#passedOver.set(capability, new Set([agentId]));
    return admits;
  }

  #drop(agentId: string, capability: string): void {
    const agents = this.#passedOver.get(capability);
    if (agents?.delete(agentId) && agents.size === 0) this.#passedOver.delete(capability);
  }
}
