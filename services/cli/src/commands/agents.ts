import { TrackRecordSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import {
  type Agent,
  AgentSchema,
  AgentState,
  type ListAgentsResponse,
  ListAgentsResponseSchema,
} from "@weft/proto/weft/registry/v1/registry_pb";
import { type AgentSeen, type AgentsSeen, agentsSeen, slowdownOf } from "../agents-seen.ts";
import { command, optional } from "../arguments/command.ts";
import { anyOf, labels, text } from "../arguments/option.ts";
import { pageOf, pagingOptions, tellMore } from "../arguments/paging.ts";
import { CommandError, usageError } from "../command-error.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { agentLines } from "../render/agent-lines.ts";
import { agentTable } from "../render/agent-table.ts";
import { documentOf, writeJson } from "../terminal/json-output.ts";
import { columnsOf, writeLines } from "../terminal/screen.ts";

const states = {
  ready: AgentState.READY,
  joining: AgentState.JOINING,
  suspect: AgentState.SUSPECT,
  draining: AgentState.DRAINING,
  unhealthy: AgentState.UNHEALTHY,
} as const;
const stateNames = Object.keys(states) as (keyof typeof states)[];

/** `weft agents`: who can do what. */
export const agentsCommand = command({
  name: "agents",
  group: "Agents:",
  summary: "List agents, what they offer, how quick they are",
  details: `Who is there is the registry's to say. How quick an agent is, beside the others at the same steps, and at what
it keeps failing is what the orchestrator has seen; without it the list is shorter by that.`,
  arguments: { agent: optional("its id: all that is known of one") },
  options: {
    capability: text("name", "only those that offer it"),
    state: anyOf("state", stateNames, "only those that are"),
    label: labels("only those with all these labels"),
    ...pagingOptions,
  },
  examples: [
    ["weft agents", "everybody"],
    ["weft agents --capability repo.check", "who could run such a step"],
    ["weft agents reviewer-7c1f2a9b", "its health, its event loop, and how it does at each capability"],
  ],
  async run({ arguments: { agent }, options }, context) {
    if (agent === undefined) await list(options, context);
    else await showOne(agent, options, context);
    return exitCodes.succeeded;
  },
});

type ListOptions = Parameters<typeof pageOf>[0] & {
  readonly capability: string | undefined;
  readonly state: readonly (keyof typeof states)[];
  readonly label: Readonly<Record<string, string>>;
};

async function list(options: ListOptions, context: Context): Promise<void> {
  const { connection, out, form } = context;
  const { capability = "", state, label } = options;
  const filter = { capability, states: state.map((name) => states[name]), labels: { ...label } };
  const response = await connection
    .registry()
    .call((client, callOptions) => client.listAgents({ filter, ...pageOf(options) }, callOptions));
  const ids = response.agents.map(({ agentId }) => agentId);
  const seen = await agentsSeen(ids, context);
  if (form === "json") writeJson(out, withSeen(response, seen));
  else {
    writeLines(out, agentTable(response.agents, seen, columnsOf(out)));
    tellMore("weft agents", response.nextPageToken, context);
  }
}

async function showOne(agentId: string, options: ListOptions, context: Context): Promise<void> {
  const { capability, state, label, limit, pageToken } = options;
  const filters = [capability, limit, pageToken, ...state, ...Object.keys(label)];
  if (filters.some((each) => each !== undefined))
    throw usageError("an id names one agent: options are for the list");
  const { connection, clock, out, form } = context;
  const { agent } = await connection
    .registry()
    .call((client, callOptions) => client.getAgent({ agentId }, callOptions));
  if (!agent) throw new CommandError(`the registry tells nothing of ${agentId}`, []);
  const seen = (await agentsSeen([agentId], context))?.(agentId);
  if (form === "json") return writeJson(out, { agent: agentDocument(agent, seen) });
  writeLines(out, agentLines(agent, seen, { nowMs: clock.now(), columns: columnsOf(out) }));
}

/** The registry's answer, with what the orchestrator has seen beside each agent: nothing when it does not tell. */
function withSeen(response: ListAgentsResponse, seen: AgentsSeen | undefined) {
  const agents = response.agents.map((agent) => agentDocument(agent, seen?.(agent.agentId)));
  return { ...documentOf(ListAgentsResponseSchema, response), agents };
}

function agentDocument(agent: Agent, seen: AgentSeen | undefined) {
  const document = documentOf(AgentSchema, agent);
  if (!seen) return document;
  const { records, failing } = seen;
  return {
    ...document,
    slowdown: slowdownOf(records) ?? null,
    failingCapabilities: failing,
    trackRecords: records.map((record) => documentOf(TrackRecordSchema, record)),
  };
}
