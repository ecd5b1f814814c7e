import { type Agent, type AgentState, heardState, isDraining, type LiveAgent, transitions } from "./agent.ts";
import { assertNever } from "./assert-never.ts";
import type { Event } from "./event.ts";
import type { Health } from "./health.ts";

/** The record after an event. Only the first event of an agent may find none. */
export function evolve(agent: Agent | undefined, event: Event): Agent {
  if (event.kind === "agent.attached") return attach(agent, event);
  const live = alive(agent, event);
  switch (event.kind) {
    case "agent.lease_renewed":
      return { ...live, heardAt: event.heardAt, leaseEndsAt: event.leaseEndsAt };
    case "agent.lease_extended":
      return { ...live, leaseEndsAt: event.leaseEndsAt };
    case "agent.heard":
      return moved(live, hear(live));
    case "agent.free_slots_changed":
      return { ...live, freeSlots: event.freeSlots };
    case "agent.loop_lag_changed":
      return { ...live, loopLagMs: event.loopLagMs };
    case "agent.probed":
    case "agent.healthy":
    case "agent.unhealthy":
      return probe(live, event.health);
    case "agent.draining":
      return live.state === "SUSPECT"
        ? { ...live, draining: true }
        : moved(live, { ...live, state: "DRAINING" });
    case "agent.suspected":
      return moved(live, suspect(live, event.cause));
    case "agent.gone":
      return moved(live, gone(live));
    case "attach.ended":
      return live;
    default:
      return assertNever(event);
  }
}

function attach(agent: Agent | undefined, event: Extract<Event, { kind: "agent.attached" }>): Agent {
  const { kind: _, ...attached } = event;
  const state = heardState(agent !== undefined && isDraining(agent), attached.health);
  const isSame = agent?.registration.incarnation === event.registration.incarnation;
  const loopLagMs = isSame ? agent.loopLagMs : undefined;
  return moved(agent, { ...attached, state, freeSlots: attached.registration.freeSlots, loopLagMs });
}

function probe(agent: LiveAgent, health: Health): Agent {
  if (agent.state === "SUSPECT") return { ...agent, health };
  const state = heardState(isDraining(agent), health);
  return state === agent.state ? { ...agent, health } : moved(agent, { ...agent, health, state });
}

function suspect(agent: LiveAgent, cause: "stream_lost" | "silent"): Agent {
  const attach = cause === "silent" ? agent.attach : undefined;
  return { ...agent, state: "SUSPECT", draining: isDraining(agent), attach };
}

function hear(agent: LiveAgent): Agent {
  if (agent.attach === undefined) throw new Error("an agent without an attach can't be heard on it");
  const { attach, registration, freeSlots, loopLagMs, health, heardAt, leaseEndsAt, replaced } = agent;
  const state = heardState(isDraining(agent), health);
  return { state, attach, registration, freeSlots, loopLagMs, health, heardAt, leaseEndsAt, replaced };
}

function gone({ registration, freeSlots, loopLagMs, health }: LiveAgent): Agent {
  return { state: "GONE", registration, freeSlots, loopLagMs, health };
}

function alive(agent: Agent | undefined, event: Event): LiveAgent {
  if (agent && agent.state !== "GONE") return agent;
  throw new Error(`${event.kind} happened to an agent that is ${agent?.state ?? "UNKNOWN"}`);
}

function moved(from: Agent | undefined, to: Agent): Agent {
  const state = from?.state ?? "UNKNOWN";
  return transitions[state].includes(to.state) ? to : refuse(state, to.state);
}

function refuse(from: AgentState | "UNKNOWN", to: AgentState): never {
  throw new Error(`an agent can't become ${to} from ${from}`);
}
