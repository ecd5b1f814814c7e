import type { Breaker, BreakerSnapshot } from "@weft/runtime/breaker";

/** What a breaker watches. */
export type Watched =
  | { readonly kind: "agent"; readonly agentId: string; readonly capability: string }
  | {
      readonly kind: "step";
      readonly namespace: string;
      readonly workflow: string;
      readonly step: string;
    };

/** A breaker as it is now. */
export type CircuitBreaker = BreakerSnapshot & {
  /** "agent/AGENT/CAPABILITY" or "step/WORKFLOW:STEP". */
  readonly name: string;
  readonly watched: Watched;
};

/** A breaker with its name. */
export type NamedBreaker = { readonly name: string; readonly watched: Watched; readonly breaker: Breaker };

/** An agent's breaker for a capability. */
export function ofAgent(agentId: string, capability: string, breaker: Breaker): NamedBreaker {
  return { name: `agent/${agentId}/${capability}`, watched: { kind: "agent", agentId, capability }, breaker };
}

/** A step's breaker; the key is `stepKey`'s. */
export function ofStep(key: string, breaker: Breaker): NamedBreaker {
  const [namespace = "", rest = ""] = key.split("/");
  const [workflow = "", step = ""] = rest.split(":");
  return {
    name: `step/${workflow}:${step}`,
    watched: { kind: "step", namespace, workflow, step },
    breaker,
  };
}

/** As it is now. */
export function shown({ name, watched, breaker }: NamedBreaker): CircuitBreaker {
  return { name, watched, ...breaker.snapshot() };
}
