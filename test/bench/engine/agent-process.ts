import { capability, defineAgent } from "@weft/agent-sdk";
import { serveParent } from "../processes/parent.ts";
import { echoCapability } from "./workflows.ts";

/** Where the agent attaches. */
export type AgentOptions = { readonly registry: string; readonly token: string };

const anything = {
  "~standard": { version: 1, vendor: "weft-bench", validate: (value: unknown) => ({ value }) },
} as const;

const agent = defineAgent({
  name: "echo",
  version: "1.0.0",
  slots: 512,
  capabilities: {
    [echoCapability]: capability({ input: anything, output: anything, run: (input) => input }),
  },
});

serveParent<AgentOptions>(async ({ registry, token }) => {
  agent.serve({ registry, token }).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
  return { facts: {} };
});
