import type { AgentPlan } from "./agent.ts";
import type { Scenario } from "./simulate.ts";
import type { WeftOptions } from "./weft-policy.ts";

const agentCount = 50;

/** Everything that the balancer has. */
export const weft: WeftOptions = { learns: "everything", rests: true, takesTurns: true, offers: true };

/** 50 agents of 4 slots, of which some fail every call. */
export function equalAgents(broken = 0): readonly AgentPlan[] {
  return Array.from({ length: agentCount }, (_, place) => ({ slots: 4, speed: 1, fails: place < broken }));
}

/** 50 agents of 1 to 8 slots, and of half to double speed. */
export function unequalAgents(): readonly AgentPlan[] {
  return Array.from({ length: agentCount }, (_, place) => ({
    slots: 1 + ((7 * place) % 8),
    speed: 0.5 * 4 ** (place / (agentCount - 1)),
    fails: false,
  }));
}

/** The usual scenario, but for what is named. */
export function scenario(differences: Partial<Scenario>): Scenario {
  return {
    agents: equalAgents(),
    load: 0.85,
    orchestrators: 10,
    calls: 50_000,
    burst: 0,
    work: "lognormal",
    ...differences,
  };
}
