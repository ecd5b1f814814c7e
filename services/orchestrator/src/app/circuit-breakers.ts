import type { Breaker, BreakerSnapshot, BreakerState } from "@weft/runtime/breaker";
import { type Rejection, rejection } from "../core/rejection.ts";
import type { AgentBreakers } from "./agent-breakers.ts";
import type { StepBreakers } from "./step-breakers.ts";

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

export type BreakerQuery = {
  readonly namespace: string;
  /** Undefined: any. */
  readonly states: readonly BreakerState[] | undefined;
  /** The last name of the page before; empty: from the beginning. */
  readonly afterName: string;
  readonly limit: number;
};

type Found = { readonly name: string; readonly watched: Watched; readonly breaker: Breaker };

/** The breakers of this replica: those of all agents, and those of a namespace's steps. */
export class CircuitBreakers {
  readonly #agents: Pick<AgentBreakers, "entries">;
  readonly #steps: Pick<StepBreakers<never>, "entries">;

  constructor(agents: Pick<AgentBreakers, "entries">, steps: Pick<StepBreakers<never>, "entries">) {
    this.#agents = agents;
    this.#steps = steps;
  }

  /** In the order of their names. */
  list({ namespace, states, afterName, limit }: BreakerQuery): readonly CircuitBreaker[] {
    const found = [...this.#all(namespace)].filter(
      ({ name, breaker }) => name > afterName && (!states || states.includes(breaker.state)),
    );
    found.sort((a, b) => (a.name < b.name ? -1 : 1));
    return found.slice(0, limit).map(shown);
  }

  get(namespace: string, name: string): CircuitBreaker | Rejection {
    const found = this.#find(namespace, name);
    return found ? shown(found) : notFound(namespace, name);
  }

  /** Closes it, and lets go what it holds; as it is afterwards. */
  reset(namespace: string, name: string): CircuitBreaker | Rejection {
    const found = this.#find(namespace, name);
    if (!found) return notFound(namespace, name);
    found.breaker.close();
    return shown(found);
  }

  #find(namespace: string, name: string): Found | undefined {
    for (const found of this.#all(namespace)) if (found.name === name) return found;
    return undefined;
  }

  *#all(namespace: string): Iterable<Found> {
    for (const [agentId, capability, breaker] of this.#agents.entries())
      yield ofAgent(agentId, capability, breaker);
    for (const [key, breaker] of this.#steps.entries())
      if (key.startsWith(`${namespace}/`)) yield ofStep(key, breaker);
  }
}

/** An agent's breaker for a capability as it is now. */
export function agentBreaker(agentId: string, capability: string, breaker: Breaker): CircuitBreaker {
  return shown(ofAgent(agentId, capability, breaker));
}

/** A step's breaker as it is now; the key is `stepKey`'s. */
export function stepBreaker(key: string, breaker: Breaker): CircuitBreaker {
  return shown(ofStep(key, breaker));
}

function ofAgent(agentId: string, capability: string, breaker: Breaker): Found {
  return { name: `agent/${agentId}/${capability}`, watched: { kind: "agent", agentId, capability }, breaker };
}

function ofStep(key: string, breaker: Breaker): Found {
  const [namespace = "", rest = ""] = key.split("/");
  const [workflow = "", step = ""] = rest.split(":");
  return {
    name: `step/${workflow}:${step}`,
    watched: { kind: "step", namespace, workflow, step },
    breaker,
  };
}

function shown({ name, watched, breaker }: Found): CircuitBreaker {
  return { name, watched, ...breaker.snapshot() };
}

function notFound(namespace: string, name: string): Rejection {
  return rejection(
    "BREAKER_NOT_FOUND",
    `there is no circuit breaker ${name} in namespace ${namespace}: nothing of it has failed here of late`,
  );
}
