import type { Breaker, BreakerState } from "@weft/runtime/breaker";
import { type Rejection, rejection } from "../core/rejection.ts";
import type { AgentBreakers } from "./agent-breakers.ts";
import type { BreakerChanges, BreakerSubscriber } from "./breaker-changes.ts";
import { type CircuitBreaker, type NamedBreaker, ofAgent, ofStep, shown } from "./circuit-breaker.ts";
import type { StepBreakers } from "./step-breakers.ts";

export type BreakerQuery = {
  readonly namespace: string;
  /** Undefined: any. */
  readonly states: readonly BreakerState[] | undefined;
  /** The last name of the page before; empty: from the beginning. */
  readonly afterName: string;
  readonly limit: number;
};

/** The breakers of this replica: those of all agents, and those of a namespace's steps. */
export class CircuitBreakers {
  readonly #agents: Pick<AgentBreakers, "entries">;
  readonly #steps: Pick<StepBreakers<never>, "entries">;
  readonly #changes: BreakerChanges;

  constructor(
    agents: Pick<AgentBreakers, "entries">,
    steps: Pick<StepBreakers<never>, "entries">,
    changes: BreakerChanges,
  ) {
    this.#agents = agents;
    this.#steps = steps;
    this.#changes = changes;
  }

  /** Tells of every change from now on, of all namespaces; returns what ends that. */
  subscribe(subscriber: BreakerSubscriber): () => void {
    return this.#changes.subscribe(subscriber);
  }

  /** Tells all subscribers that nothing more will come. */
  close(): void {
    this.#changes.close();
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

  /** How many are not closed, of all namespaces. */
  open(): Iterable<readonly [kind: string, state: string, count: number]> {
    const counts = new Map<string, [string, string, number]>();
    const count = (kind: string, { state }: Breaker): void => {
      const known = counts.get(`${kind} ${state}`);
      if (known) known[2]++;
      else counts.set(`${kind} ${state}`, [kind, state.toLowerCase(), 1]);
    };
    for (const [, , breaker] of this.#agents.entries()) count("agent", breaker);
    for (const [, breaker] of this.#steps.entries()) count("step", breaker);
    return [...counts.values()].filter(([, state]) => state !== "closed");
  }

  #find(namespace: string, name: string): NamedBreaker | undefined {
    for (const found of this.#all(namespace)) if (found.name === name) return found;
    return undefined;
  }

  *#all(namespace: string): Iterable<NamedBreaker> {
    for (const [agentId, capability, breaker] of this.#agents.entries())
      yield ofAgent(agentId, capability, breaker);
    for (const [key, breaker] of this.#steps.entries())
      if (key.startsWith(`${namespace}/`)) yield ofStep(key, breaker);
  }
}

function notFound(namespace: string, name: string): Rejection {
  return rejection(
    "BREAKER_NOT_FOUND",
    `there is no circuit breaker ${name} in namespace ${namespace}: nothing of it has failed here of late`,
  );
}
