import { CircuitBreakerState } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { AgentState, ListAgentsResponseSchema } from "@weft/proto/weft/registry/v1/registry_pb";
import { command } from "../arguments/command.ts";
import { anyOf, labels, text } from "../arguments/option.ts";
import { pageOf, pagingOptions, tellMore } from "../arguments/paging.ts";
import { CallError } from "../call-error.ts";
import { CommandError } from "../command-error.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { agentTable, type Failing } from "../render/agent-table.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { columnsOf, writeLines } from "../terminal/screen.ts";

const states = {
  ready: AgentState.READY,
  joining: AgentState.JOINING,
  suspect: AgentState.SUSPECT,
  draining: AgentState.DRAINING,
  unhealthy: AgentState.UNHEALTHY,
} as const;
const stateNames = Object.keys(states) as (keyof typeof states)[];

const breakersMax = 1_000;
const notClosed = [CircuitBreakerState.OPEN, CircuitBreakerState.HALF_OPEN];

/** What the orchestrator keeps from agents. The list is the registry's, and complete without it. */
async function failingAgents({ connection }: Context): Promise<Failing> {
  const failing = new Map<string, string[]>();
  try {
    const { breakers } = await connection
      .orchestrator()
      .call((client, options) =>
        client.listCircuitBreakers({ states: notClosed, pageSize: breakersMax }, options),
      );
    for (const { watched } of breakers) {
      if (watched.case !== "agent") continue;
      const { agentId, capability } = watched.value;
      failing.set(agentId, [...(failing.get(agentId) ?? []), capability]);
    }
  } catch (error) {
    if (!(error instanceof CallError || error instanceof CommandError)) throw error;
  }
  return failing;
}

/** `weft agents`: who can do what. */
export const agentsCommand = command({
  name: "agents",
  group: "Agents:",
  summary: "List the agents, and what they offer",
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
    if (form === "json") writeDocument(out, ListAgentsResponseSchema, response);
    else {
      writeLines(out, agentTable(response.agents, await failingAgents(context), columnsOf(out)));
      tellMore("weft agents", response.nextPageToken, context);
    }
    return exitCodes.succeeded;
  },
});
