import type { AgentConnector, AgentSession } from "../app/agents.ts";
import { type AgentSessionsOptions, openAgentSession } from "./agent-sessions.ts";
import { UnaryAgentSession } from "./agent-unary.ts";

/** Sessions with agents that serve them; with those that refuse one as unimplemented, a call for each step. */
export function agentConnector(options: AgentSessionsOptions): AgentConnector {
  return {
    connect(agent, listener) {
      let current: AgentSession = openAgentSession(options, agent, listener, () => {
        current.close();
        current = new UnaryAgentSession(options, agent, listener);
      });
      return {
        dispatch: (dispatch) => current.dispatch(dispatch),
        cancel: (dispatchId, reason) => current.cancel(dispatchId, reason),
        extend: (dispatchId, timeLeftMs) => current.extend(dispatchId, timeLeftMs),
        ack: (dispatchId) => current.ack(dispatchId),
        wait: (waiting) => current.wait(waiting),
        close: () => current.close(),
      };
    },
  };
}
