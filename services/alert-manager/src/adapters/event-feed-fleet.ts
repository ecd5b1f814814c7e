import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type CircuitBreaker,
  CircuitBreakerState,
  type OrchestratorService,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { type Agent, AgentState, type RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import type { Client } from "@weft/runtime/grpc";
import type { AgentObservation, BreakerObservation, Observation } from "../core/observation.ts";
import { agentObservation, nameIn } from "./event-feed-observations.ts";

export type BreakerReader = Pick<Client<typeof OrchestratorService>, "listCircuitBreakers">;
export type AgentReader = Pick<Client<typeof RegistryService>, "watchAgents">;

const callMsMax = 10_000;
/** A registry that has just started says so for as long as a lease. */
const snapshotMsMax = 30_000;
const pageSize = 1_000;

/**
 * What is known of agents and breakers. The bus tells their changes, and may lose some; what the registry and the
 * orchestrator list tells the same again. Only what is news is passed on.
 */
export class FleetView {
  readonly #agents = new Map<string, AgentObservation>();
  /** By namespace and name; those that are not closed. */
  readonly #breakers = new Map<string, BreakerObservation>();

  /** False: it is known already. */
  isNews(observation: Observation): boolean {
    if (observation.kind === "agent") return this.#isNewAgent(observation);
    return observation.kind !== "breaker" || this.#isNewBreaker(observation);
  }

  /** What is news in a whole list of the agents: those that are not in it are gone. */
  agentsNow(agents: readonly AgentObservation[], nowMs: number): readonly AgentObservation[] {
    const there = new Set(agents.map(({ agentId }) => agentId));
    const gone = [...this.#agents.values()]
      .filter(({ agentId }) => !there.has(agentId))
      .map((agent): AgentObservation => ({ ...agent, timeMs: nowMs, state: "GONE" }));
    return [...agents, ...gone].filter((agent) => this.isNews(agent));
  }

  /** What is news in a whole list of the breakers that are not closed. */
  breakersNow(open: readonly BreakerObservation[], nowMs: number): readonly BreakerObservation[] {
    const there = new Set(open.map(keyOf));
    const closed = [...this.#breakers.entries()]
      .filter(([key]) => !there.has(key))
      .map(([, breaker]): BreakerObservation => ({ ...breaker, timeMs: nowMs, state: "CLOSED" }));
    return [...open, ...closed].filter((breaker) => this.isNews(breaker));
  }

  #isNewAgent(agent: AgentObservation): boolean {
    const known = this.#agents.get(agent.agentId);
    if (known?.incarnation === agent.incarnation && known.state === agent.state) return false;
    if (agent.state !== "GONE") this.#agents.set(agent.agentId, agent);
    // The end of an earlier life says nothing of the one that is known.
    else if (known?.incarnation !== agent.incarnation || !this.#agents.delete(agent.agentId)) return false;
    return true;
  }

  #isNewBreaker(breaker: BreakerObservation): boolean {
    const key = keyOf(breaker);
    if (breaker.state === "CLOSED") return this.#breakers.delete(key);
    if (this.#breakers.get(key)?.state === breaker.state) return false;
    this.#breakers.set(key, breaker);
    return true;
  }
}

function keyOf({ namespace = "", name }: BreakerObservation): string {
  return `${namespace}/${name}`;
}

/**
 * All agents, from a watch that is ended as soon as it has told them. Rejects when the registry does not answer, or
 * does not know all of them yet.
 */
export async function agentsOf(
  registry: AgentReader,
  nowMs: number,
  signal: AbortSignal,
): Promise<readonly AgentObservation[]> {
  const agents = new Map<string, Agent>();
  for await (const message of registry.watchAgents({}, { timeoutMs: snapshotMsMax, signal })) {
    for (const agent of message.agents) {
      if (agent.state === AgentState.GONE) agents.delete(agent.agentId);
      else agents.set(agent.agentId, agent);
    }
    if (!message.warming) break;
  }
  return [...agents.values()].flatMap((agent) => observationOfAgent(agent, nowMs) ?? []);
}

function observationOfAgent(agent: Agent, timeMs: number): AgentObservation | undefined {
  const { agentId, incarnation, name, zone, state } = agent;
  const capabilities = agent.capabilities.map((capability) => capability.name);
  return agentObservation({ timeMs, agentId, incarnation, name, zone, capabilities, state });
}

/** Breakers that are not closed. Rejects when the orchestrator does not answer. */
export async function openBreakers(
  orchestrator: BreakerReader,
  namespaces: Iterable<string>,
  nowMs: number,
  signal: AbortSignal,
): Promise<readonly BreakerObservation[]> {
  const states = [CircuitBreakerState.OPEN, CircuitBreakerState.HALF_OPEN];
  const found: BreakerObservation[] = [];
  for (const namespace of namespaces) {
    let pageToken = "";
    do {
      const request = { namespace, states, pageSize, pageToken };
      const page = await orchestrator.listCircuitBreakers(request, { timeoutMs: callMsMax, signal });
      found.push(...page.breakers.map((breaker) => observationOfBreaker(breaker, namespace, nowMs)));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }
  return found;
}

/** An agent's breaker is listed in every namespace, and belongs to none. */
function observationOfBreaker(
  { name, watched, state, openTime }: CircuitBreaker,
  namespace: string,
  nowMs: number,
): BreakerObservation {
  const timeMs = openTime ? timestampMs(openTime) : nowMs;
  const shown = nameIn(CircuitBreakerState, state) ?? "OPEN";
  if (watched.case === "step") {
    const { workflow, stepId } = watched.value;
    return { kind: "breaker", timeMs, name, of: "step", namespace, workflow, stepId, state: shown };
  }
  const { agentId = "", capability = "" } = watched.value ?? {};
  return { kind: "breaker", timeMs, name, of: "agent", agentId, capability, state: shown };
}
