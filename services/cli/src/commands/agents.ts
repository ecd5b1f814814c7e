import { TrackRecordSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import {
  AgentSchema,
  AgentState,
  type ListAgentsResponse,
  ListAgentsResponseSchema,
} from "@weft/proto/weft/registry/v1/registry_pb";
import { type AgentSeen, type AgentsSeen, agentsSeen, slowdownOf } from "../agents-seen.ts";
import { command } from "../arguments/command.ts";
import { anyOf, labels, text } from "../arguments/option.ts";
import { pageOf, pagingOptions, tellMore } from "../arguments/paging.ts";
import { exitCodes } from "../exit-code.ts";
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
  summary: "List the agents, what they offer, and how quick they are",
  details: `Who is there is the registry's to say. How quick an agent is, beside the others at the same steps, and at what
it keeps failing is what the orchestrator has seen; without it the list is shorter by that.`,
  arguments: {},
  options: {
    capability: text("name", "only those that offer it"),
    state: anyOf("state", stateNames, "only those that are"),
    label: labels("only those with all these labels"),
    ...pagingOptions,
  },
  examples: [
    ["weft agents", "everybody"],
    ["weft agents --capability repo.check", "who could run such a step"],
  ],
  async run({ options }, context) {
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
    return exitCodes.succeeded;
  },
});

/** The registry's answer, with what the orchestrator has seen beside each agent: nothing when it does not tell. */
function withSeen(response: ListAgentsResponse, seen: AgentsSeen | undefined) {
  const agents = response.agents.map((agent) => ({
    ...documentOf(AgentSchema, agent),
    ...(seen && seenDocument(seen(agent.agentId))),
  }));
  return { ...documentOf(ListAgentsResponseSchema, response), agents };
}

function seenDocument({ records, failing }: AgentSeen) {
  return {
    slowdown: slowdownOf(records) ?? null,
    failingCapabilities: failing,
    trackRecords: records.map((record) => documentOf(TrackRecordSchema, record)),
  };
}
