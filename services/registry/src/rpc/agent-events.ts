import { AgentState } from "@weft/proto/weft/registry/v1/registry_pb";
import type { SystemFact } from "@weft/runtime/system-events";
import type { Change } from "../app/change-log.ts";
import type { Agent } from "../core/agent.ts";

/** How a change of an agent's state goes on the event bus; undefined when only something else of it has changed. */
export function factOf({ before, after, cause = "" }: Change): SystemFact | undefined {
  const { agentId, incarnation, name, version, zone, capabilities } = after.registration;
  const isSame = before?.state === after.state && before.registration.incarnation === incarnation;
  if (isSame) return undefined;
  const value = {
    agentId,
    incarnation,
    name,
    version,
    zone,
    capabilities: capabilities.map((capability) => capability.name),
    state: AgentState[after.state],
    reason: cause,
  };
  return { type: typeOf(after, cause), subject: agentId, event: { case: "agentChanged", value } };
}

/** One that has said good-bye is not lost, and neither is one whose next life is here. */
function typeOf({ state }: Agent, cause: string): string {
  if (state !== "GONE") return `agent.${state.toLowerCase()}`;
  return cause === "lease_ended" ? "agent.lost" : "agent.left";
}
