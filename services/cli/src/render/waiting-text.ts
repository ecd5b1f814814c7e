import { type Agent, AgentState } from "@weft/proto/weft/registry/v1/registry_pb";

/** Why a step waits, from the agents that offer its capability. */
export function waitingText(capability: string, agents: readonly Agent[]): string {
  const present = agents.filter(({ state }) => state !== AgentState.GONE);
  if (present.length === 0) return `no agent offers ${capability}`;
  const ready = present.filter(({ state }) => state === AgentState.READY);
  if (ready.length === 0) return `waits: ${counted(present.length, "agent")} with ${capability}, none ready`;
  const free = ready.reduce((sum, { freeSlots }) => sum + freeSlots, 0);
  if (free > 0) return "waits for an agent";
  const slots = ready.reduce((sum, agent) => sum + agent.slots, 0);
  return `waits: ${counted(slots, "slot")} of ${counted(ready.length, "agent")} taken`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
