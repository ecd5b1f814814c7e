import { type Agent, type AgentState, isDraining, type LiveAgent, transitions } from "./agent.ts";
import { assertNever } from "./assert-never.ts";
import type { Event } from "./event.ts";

/** The record after an event. Only the first event of an agent may find none. */
export function evolve(agent: Agent | undefined, event: Event): Agent {
  if (event.kind === "agent.attached") return attach(agent, event);
  const live = alive(agent, event);
  switch (event.kind) {
    case "agent.lease_renewed":
      return { ...live, leaseEndsAt: event.leaseEndsAt };
    case "agent.free_slots_changed":
      return { ...live, freeSlots: event.freeSlots };
    case "agent.draining":
      if (live.state === "SUSPECT") return refuse(live.state, "DRAINING");
      return moved(live, { ...live, state: "DRAINING" });
    case "agent.suspected":
      return moved(live, suspect(live));
    case "agent.gone":
      return moved(live, { state: "GONE", registration: live.registration, freeSlots: live.freeSlots });
    case "attach.ended":
      return live;
    default:
      return assertNever(event);
  }
}

function attach(agent: Agent | undefined, event: Extract<Event, { kind: "agent.attached" }>): Agent {
  const { attach, registration, leaseEndsAt } = event;
  const state = agent && isDraining(agent) ? "DRAINING" : "READY";
  return moved(agent, { state, attach, registration, leaseEndsAt, freeSlots: registration.freeSlots });
}

function suspect(agent: LiveAgent): Agent {
  const { registration, freeSlots, leaseEndsAt } = agent;
  return { state: "SUSPECT", registration, freeSlots, leaseEndsAt, draining: isDraining(agent) };
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
