import { setMaxListeners } from "node:events";
import { capability, defineAgent } from "@weft/agent-sdk";
import { echoCapability } from "../engine/workflows.ts";
import { serveParent } from "../processes/parent.ts";

/** Many agents in one process, each with a server, an attachment and slots of its own. */
export type AgentsOptions = {
  readonly registry: string;
  readonly token: string;
  readonly prefix: string;
  readonly count: number;
  readonly slots: number;
};

const anything = {
  "~standard": { version: 1, vendor: "weft-bench", validate: (value: unknown) => ({ value }) },
} as const;

// Each listens to the process's signals.
setMaxListeners(0, process);

serveParent<AgentsOptions>(async ({ registry, token, prefix, count, slots }) => {
  const agent = defineAgent({
    name: "echo",
    version: "1.0.0",
    slots,
    capabilities: {
      [echoCapability]: capability({ input: anything, output: anything, run: (input) => input }),
    },
  });
  const log = {
    debug() {},
    info() {},
    warn() {},
    error: (message: string) => process.stderr.write(`${message}\n`),
  };
  for (let number = 0; number < count; number += 1)
    agent
      .serve({ registry, token, agentId: `${prefix}-${number}`, log })
      .catch((error: unknown) => log.error(String(error)));
  return { facts: {} };
});
