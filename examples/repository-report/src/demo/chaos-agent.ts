import { type Capability, defineAgent } from "@weft/agent-sdk";
import { agents, isAgent } from "../agents/agents.ts";
import { readConfig } from "../config.ts";

/**
 * One of the example's agents for the chaos demo: `chaos-agent.ts NAME AGENT-ID SINK`. Each step has, besides
 * its files, an effect at the sink, after the work and before the result.
 */
const [name = "", agentId = "", sink = ""] = process.argv.slice(2);
if (!isAgent(name)) throw new Error(`${name} is none of ${Object.keys(agents).join(", ")}`);
const agent = agents[name](readConfig());
const capabilities = Object.entries<Capability>(agent.capabilities).map(
  ([capability, definition]) => [capability, withEffect(definition)] as const,
);
await defineAgent({ ...agent, capabilities: Object.fromEntries(capabilities) }).serve({ agentId });

function withEffect(definition: Capability): Capability {
  return {
    ...definition,
    async run(input, context) {
      const output = await definition.run(input, context);
      const { idempotencyKey: key, signal } = context;
      const body = JSON.stringify({ key, agent: agentId });
      const answer = await fetch(sink, { method: "POST", body, signal });
      if (!answer.ok) throw new Error(`the sink answers ${answer.status}`);
      return output;
    },
  };
}
