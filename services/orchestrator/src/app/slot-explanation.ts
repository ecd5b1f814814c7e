import type { AgentSnapshot } from "@weft/balancer";

/** Why a step that is due has no agent, as the dispatcher sees it. */
export type SlotExplanation =
  /** No agent that is known offers the capability. */
  | { readonly kind: "no-agent" }
  /** Those that offer it take no new work: they are lost, silent, or draining. */
  | { readonly kind: "agents-unavailable"; readonly agents: number }
  /** All that take work keep failing at it; undefined while a probe is out. */
  | {
      readonly kind: "agents-failing";
      readonly agents: number;
      readonly nextProbeAtMs: number | undefined;
    }
  | { readonly kind: "agents-full"; readonly agents: number; readonly position: number }
  /** The step keeps failing, whoever runs it, and is held back; undefined while a probe is out. */
  | { readonly kind: "step-failing"; readonly nextProbeAtMs: number | undefined };

export type WaitingAmong = {
  /** In the queue of the capability, if it is in it. */
  readonly position: number | undefined;
  /** Agents whose breakers for the capability let nothing through. */
  readonly passedOver: ReadonlySet<string> | undefined;
  readonly nextProbeAtMs: number | undefined;
};

/** Why a step that asks for the capability has no agent. */
export function explainSlot(
  fleet: readonly AgentSnapshot[],
  capability: string,
  { position = 1, passedOver, nextProbeAtMs }: WaitingAmong,
): SlotExplanation {
  const offering = fleet.filter(({ capabilities }) =>
    capabilities.some(({ name, concurrencyMax }) => name === capability && concurrencyMax > 0),
  );
  if (offering.length === 0) return { kind: "no-agent" };
  const eligible = offering.filter((agent) => agent.eligible);
  const agents = eligible.length;
  if (agents === 0) return { kind: "agents-unavailable", agents: offering.length };
  if (passedOver && eligible.every(({ id }) => passedOver.has(id)))
    return { kind: "agents-failing", agents, nextProbeAtMs };
  return { kind: "agents-full", agents, position };
}
