import { startTestAgent } from "@weft/agent-sdk/testing";
import { serveParent } from "../processes/parent.ts";
import { sessionAgent } from "./agent.ts";

/** Where the agent listens. */
export type SessionAgentFacts = { readonly address: string };

serveParent(async () => ({ facts: { address: (await startTestAgent(sessionAgent)).address } }));
