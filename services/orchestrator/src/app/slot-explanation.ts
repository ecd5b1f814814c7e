import type { AgentSnapshot } from "@weft/balancer";

/** Why a step that is due has no agent, as the dispatcher sees it. */
export type SlotExplanation =
  /** No agent that is known offers the capability. */
  | { readonly kind: "no-agent" }
  /** Those that offer it take no new work: they are lost, silent, or draining. */
  | { readonly kind: "agents-unavailable"; readonly agents: number }
  | { readonly kind: "agents-full"; readonly agents: number; readonly position: number };

/** Why a step that asks for the capability has no agent, at this place in its queue. */
export function explainSlot(
  fleet: readonly AgentSnapshot[],
  capability: string,
  position = 1,
): SlotExplanation {
  const offering = fleet.filter(({ capabilities }) =>
    capabilities.some(({ name, concurrencyMax }) => name === capability && concurrencyMax > 0),
  );
  if (offering.length === 0) return { kind: "no-agent" };
  const agents = offering.filter(({ eligible }) => eligible).length;
  if (agents === 0) return { kind: "agents-unavailable", agents: offering.length };
  return { kind: "agents-full", agents, position };
}
