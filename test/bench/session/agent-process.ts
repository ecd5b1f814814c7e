import { capability, defineAgent } from "@weft/agent-sdk";
import { startTestAgent } from "@weft/agent-sdk/testing";
import { serveParent } from "../processes/parent.ts";

/** Where the agent listens. */
export type SessionAgentFacts = { readonly address: string };

const anything = {
  "~standard": { version: 1, vendor: "weft-bench", validate: (value: unknown) => ({ value }) },
} as const;

const agent = defineAgent({
  name: "session",
  version: "1.0.0",
  slots: 64,
  capabilities: {
    echo: capability({ input: anything, output: anything, run: (input) => input }),
    hang: capability({
      input: anything,
      output: anything,
      run: (_, { signal }) =>
        new Promise<never>((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason as Error)),
        ),
    }),
  },
});

serveParent(async () => ({ facts: { address: (await startTestAgent(agent)).address } }));
