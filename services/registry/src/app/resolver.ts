import { Fleet } from "@weft/balancer";
import type { Clock } from "@weft/runtime/clock";
import type { Agent, LiveAgent } from "../core/agent.ts";
import { matches } from "../core/agent-filter.ts";
import { quoted } from "../core/quoted.ts";
import { type Rejection, rejection } from "../core/rejection.ts";
import { SlotHolds } from "./slot-holds.ts";

export type ResolveRequest = {
  readonly capability: string;
  /** All must match. */
  readonly labels: readonly (readonly [key: string, value: string])[];
  /** Agents that the caller does not want, such as those that it tried already. */
  readonly exclude: ReadonlySet<string>;
};

/** How a call to an agent ended, as its caller saw it. */
export type Outcome = {
  /** REFUSED: the agent was full or draining, which is no fault of its own. */
  readonly kind: "SUCCEEDED" | "FAILED" | "REFUSED";
  /** Undefined: not told. */
  readonly latencyMs: number | undefined;
};

/** Which call ended, and how. */
export type Report = {
  readonly agentId: string;
  readonly incarnation: string;
  readonly capability: string;
  readonly outcome: Outcome;
};

/** How long a chosen slot is set aside: by then the agent's own count shows whether it was taken. */
export const holdMs = 2_000;
const retryAfterMs = 500;

/**
 * Chooses agents for callers who have no session with them. It owns the fleet that it chooses from, and
 * the slots that it set aside.
 *
 * 1. The fleet knows every live agent as its record is; READY ones may be chosen.
 * 2. Every reservation in the fleet is a hold; a hold ends when the agent has taken a slot, when the call is
 *    over, or by its time. So a burst of callers is not sent to one agent before it has said that it is full.
 * 3. `#offering` has exactly the capabilities that live agents offer.
 */
export class Resolver {
  readonly #random: () => number;
  readonly #isWarming: () => boolean;
  readonly #fleet = new Fleet();
  readonly #agents = new Map<string, LiveAgent>();
  readonly #offering = new Map<string, Set<string>>();
  readonly #holds: SlotHolds;

  constructor(clock: Clock, random: () => number, isWarming: () => boolean) {
    this.#random = random;
    this.#isWarming = isWarming;
    this.#holds = new SlotHolds(clock, holdMs, (agentId, capability) =>
      this.#fleet.release(agentId, capability),
    );
  }

  /** Takes an agent's record as it is now. */
  changed(agent: Agent): void {
    const { agentId, incarnation } = agent.registration;
    let before = this.#agents.get(agentId);
    if (before && (agent.state === "GONE" || before.registration.incarnation !== incarnation)) {
      this.#drop(before);
      before = undefined;
    }
    if (agent.state === "GONE") return;
    this.#agents.set(agentId, agent);
    if (before?.registration !== agent.registration) this.#offer(agent, before);
    if (before?.state !== agent.state) this.#fleet.setEligible(agentId, agent.state === "READY");
    if (before?.freeSlots === agent.freeSlots && before.registration === agent.registration) return;
    this.#fleet.setBusyElsewhere(agentId, agent.registration.slots - agent.freeSlots);
    if (before) this.#holds.counted(agentId, Math.max(0, before.freeSlots - agent.freeSlots));
  }

  /** Sets a slot aside at the best of four sampled agents. */
  resolve(request: ResolveRequest): LiveAgent | Rejection {
    const { capability } = request;
    const agentId = this.#fleet.reserve(capability, this.#random, this.#excluded(request));
    const agent = agentId === undefined ? undefined : this.#agents.get(agentId);
    if (!agent) return this.#refusal(request);
    this.#holds.add(agent.registration.agentId, capability);
    return agent;
  }

  /** Counts how a call ended. What is reported of an agent that is gone, or offers no such thing, is ignored. */
  report({ agentId, incarnation, capability, outcome }: Report): void {
    const agent = this.#agents.get(agentId);
    if (agent?.registration.incarnation !== incarnation) return;
    if (!this.#offering.get(capability)?.has(agentId)) return;
    // Who refuses is fuller than it looked: what was set aside stays so.
    if (outcome.kind === "REFUSED") return;
    const { latencyMs } = outcome;
    const isFailure = outcome.kind === "FAILED";
    const restMs = this.#fleet.completed(agentId, capability, capability, { latencyMs, isFailure });
    // A slot that should rest stays set aside, if no longer than any other.
    if (restMs === 0) this.#holds.over(agentId, capability);
  }

  stop(): void {
    this.#holds.stop();
  }

  #offer({ registration }: LiveAgent, before: LiveAgent | undefined): void {
    const { agentId, slots, capabilities } = registration;
    this.#fleet.upsert({ id: agentId, slots, capabilities });
    for (const { name } of capabilities) {
      const offering = this.#offering.get(name);
      if (offering) offering.add(agentId);
      else this.#offering.set(name, new Set([agentId]));
    }
    const offered = new Set(capabilities.map(({ name }) => name));
    if (before) this.#withdraw(before, offered);
  }

  #drop(agent: LiveAgent): void {
    const { agentId } = agent.registration;
    this.#withdraw(agent, new Set());
    this.#agents.delete(agentId);
    this.#holds.drop(agentId);
    this.#fleet.remove(agentId);
  }

  #withdraw({ registration: { agentId, capabilities } }: LiveAgent, kept: ReadonlySet<string>): void {
    for (const { name } of capabilities) {
      if (kept.has(name)) continue;
      const offering = this.#offering.get(name);
      offering?.delete(agentId);
      if (offering?.size === 0) this.#offering.delete(name);
    }
  }

  #excluded(request: ResolveRequest): ReadonlySet<string> {
    if (request.labels.length === 0) return request.exclude;
    const asked = new Set(this.#asked(request));
    const others = [...(this.#offering.get(request.capability) ?? [])].filter((id) => !asked.has(id));
    return new Set([...request.exclude, ...others]);
  }

  /** Those that have what is asked for, whatever their state. */
  #asked({ capability, labels }: ResolveRequest): readonly string[] {
    const filter = { capability, states: undefined, labels };
    return [...(this.#offering.get(capability) ?? [])].filter((agentId) => {
      const agent = this.#agents.get(agentId);
      return agent !== undefined && matches(filter, agent);
    });
  }

  #refusal(request: ResolveRequest): Rejection {
    const asked = this.#asked(request);
    const what = `${quoted(request.capability)}${request.labels.length > 0 ? " with these labels" : ""}`;
    if (asked.length === 0 && !this.#isWarming())
      return rejection("NO_AGENT_OFFERS", `no agent offers ${what}`);
    const isWanted = (agentId: string): boolean =>
      this.#agents.get(agentId)?.state === "READY" && !request.exclude.has(agentId);
    return asked.some(isWanted)
      ? rejection("ALL_FULL", `all agents that offer ${what} are full`, { retryAfterMs })
      : rejection("NONE_READY", `no agent that offers ${what} is ready`, { retryAfterMs });
  }
}
