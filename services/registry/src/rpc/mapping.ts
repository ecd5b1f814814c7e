import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, durationMs, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type AgentFilter as AgentFilterMessage,
  type AgentHealthSchema,
  type AgentSchema,
  type Heartbeat,
  type HeartbeatRequest,
  type ListAgentsRequest,
  type RegisterRequest,
  type Registration as RegistrationMessage,
  AgentState as State,
  type WatchAgentsRequest,
  type WatchAgentsResponseSchema,
} from "@weft/proto/weft/registry/v1/registry_pb";
import type { PageRequest } from "../app/agent-page.ts";
import type { Load } from "../app/attachment.ts";
import type { WatchRequest } from "../app/fan-out.ts";
import type { WatchMessage } from "../app/watcher.ts";
import type { Agent, AgentState } from "../core/agent.ts";
import type { AgentFilter } from "../core/agent-filter.ts";
import { checkAgentId, checkIncarnation } from "../core/check-registration.ts";
import type { Health } from "../core/health.ts";
import { pageSizeDefault, pageSizeMax } from "../core/limits.ts";
import type { Problem } from "../core/problem.ts";
import type { Registration } from "../core/registration.ts";
import { type Rejection, rejection } from "../core/rejection.ts";
import { readPageToken } from "./page-token.ts";

const stateMessages: Readonly<Record<AgentState, State>> = {
  JOINING: State.JOINING,
  UNHEALTHY: State.UNHEALTHY,
  READY: State.READY,
  DRAINING: State.DRAINING,
  SUSPECT: State.SUSPECT,
  GONE: State.GONE,
};

/** As the core knows it; whether it is good is the core's to say. */
export function toRegistration(message: RegistrationMessage): Registration {
  const { $typeName: _, $unknown: __, capabilities, startedAt, ...fields } = message;
  return {
    ...fields,
    startedAt: startedAt && timestampMs(startedAt),
    capabilities: capabilities.map(({ name, version, maxConcurrency }) => ({
      name,
      version,
      concurrencyMax: maxConcurrency,
    })),
  };
}

/** `now` is monotonic: a lease leaves as what is left of it. */
export function fromAgent(agent: Agent, now: number): MessageInitShape<typeof AgentSchema> {
  const { capabilities, startedAt, ...fields } = agent.registration;
  return {
    ...fields,
    ...(startedAt !== undefined && { startedAt: timestampFromMs(startedAt) }),
    health: fromHealth(agent.health, now),
    capabilities: capabilities.map(({ name, version, concurrencyMax }) => ({
      name,
      version,
      maxConcurrency: concurrencyMax,
    })),
    freeSlots: agent.freeSlots,
    state: stateMessages[agent.state],
    ...(agent.loopLagMs !== undefined && { eventLoopLag: durationFromMs(Math.round(agent.loopLagMs)) }),
    leaseLeft: durationFromMs(agent.state === "GONE" ? 0 : Math.max(0, Math.round(agent.leaseEndsAt - now))),
  };
}

function fromHealth(
  { failuresInRow, lastProbe }: Health,
  now: number,
): MessageInitShape<typeof AgentHealthSchema> {
  if (!lastProbe) return {};
  return {
    sinceLastProbe: durationFromMs(Math.round(now - lastProbe.at)),
    failuresInRow,
    problem: lastProbe.problem ?? "",
  };
}

export function fromWatchMessage(
  message: WatchMessage,
  registryIncarnation: string,
  now: number,
): MessageInitShape<typeof WatchAgentsResponseSchema> {
  const { revision, warming, snapshot, agents } = message;
  return {
    registryIncarnation,
    revision: BigInt(revision),
    warming,
    snapshot,
    agents: agents.map((agent) => fromAgent(agent, now)),
  };
}

/** The request, unless the agent that it names can't exist. */
export function namingAgent<R extends { readonly agentId: string }>(request: R): R | Rejection {
  const problems = checkAgentId(request.agentId);
  return problems.length > 0 ? invalid(problems) : request;
}

/** The request, unless the agent or the incarnation that it names can't exist. */
export function namingIncarnation<R extends { readonly agentId: string; readonly incarnation: string }>(
  request: R,
): R | Rejection {
  const problems = [...checkAgentId(request.agentId), ...checkIncarnation(request.incarnation)];
  return problems.length > 0 ? invalid(problems) : request;
}

/** What an agent says in a call, or every mistake in it. */
export function toHeartbeat({
  agentId,
  incarnation,
  heartbeat,
}: HeartbeatRequest): HeartbeatCall | Rejection {
  const problems = [...checkAgentId(agentId), ...checkIncarnation(incarnation)];
  if (!heartbeat) return invalid([...problems, { field: "heartbeat", message: "must be set" }]);
  if (problems.length > 0) return invalid(problems);
  return { agentId, incarnation, load: toLoad(heartbeat) };
}

export function toLoad({ freeSlots, draining, eventLoopLag }: Heartbeat): Load {
  return { freeSlots, draining, loopLagMs: eventLoopLag && durationMs(eventLoopLag) };
}

type HeartbeatCall = { readonly agentId: string; readonly incarnation: string; readonly load: Load };

/** The registration, unless there is none; whether it is good is the core's to say. */
export function toRegistrationRequest({ registration }: RegisterRequest): Registration | Rejection {
  const missing = { field: "registration", message: "must be set" };
  return registration ? toRegistration(registration) : invalid([missing]);
}

/** What is to be watched, or every mistake in the request. A position of another registry's means nothing here. */
export function toWatchRequest(
  { filter, after }: WatchAgentsRequest,
  registryIncarnation: string,
): WatchRequest | Rejection {
  const problems = [...filterProblems(filter)];
  if (after && after.revision < 0n)
    problems.push({ field: "after.revision", message: "must be the revision of an earlier message" });
  if (problems.length > 0) return invalid(problems);
  const isOurs = after?.registryIncarnation === registryIncarnation;
  return { filter: readFilter(filter), after: isOurs ? Number(after.revision) : undefined };
}

/** The page that is asked for, or every mistake in the request. */
export function toPageRequest(message: ListAgentsRequest): PageRequest | Rejection {
  const { filter, pageSize, pageToken } = message;
  const after = readPageToken(pageToken);
  const problems = [...filterProblems(filter)];
  if (pageSize < 0 || pageSize > pageSizeMax)
    problems.push({
      field: "page_size",
      message: `must be 1 to ${pageSizeMax}, or 0 for ${pageSizeDefault}`,
    });
  if (after === undefined)
    problems.push({ field: "page_token", message: "must be the next_page_token of an earlier answer" });
  if (problems.length > 0 || after === undefined) return invalid(problems);
  return { filter: readFilter(filter), after, size: pageSize === 0 ? pageSizeDefault : pageSize };
}

function readFilter(message: AgentFilterMessage | undefined): AgentFilter {
  const asked = message?.states ?? [];
  // A state that no agent has yet matches nothing; it does not lift the filter.
  const states = Object.entries(stateMessages).flatMap(([state, wire]) =>
    asked.includes(wire) ? [state as AgentState] : [],
  );
  return {
    capability: message?.capability || undefined,
    states: asked.length === 0 ? undefined : new Set(states),
    labels: Object.entries(message?.labels ?? {}),
  };
}

function filterProblems(message: AgentFilterMessage | undefined): readonly Problem[] {
  return (message?.states ?? []).flatMap((state, place) =>
    askable.has(state) ? [] : [{ field: `filter.states[${place}]`, message: "must be a state of an agent" }],
  );
}

const askable: ReadonlySet<number> = new Set(
  Object.values(State).filter((state) => state !== State.UNSPECIFIED),
);

/** A refusal that names every field at fault. */
export function invalid(problems: readonly Problem[]): Rejection {
  return rejection(
    "REQUEST_INVALID",
    problems.map(({ field, message }) => `${field} ${message}`).join("; "),
    { problems },
  );
}
