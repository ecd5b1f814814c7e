import { capability, defineAgent, StepFailure } from "@weft/agent-sdk";
import type { AgentOptions } from "../engine/agent-process.ts";
import { echoCapability } from "../engine/workflows.ts";
import { serveParent } from "../processes/parent.ts";
import { Turnstile } from "./turnstile.ts";
import { putOffCapability } from "./workflows.ts";

/** Lets so many handlers through, all of them if Infinity; answered when another one stands before it. */
export type AgentRequest = { readonly kind: "let-through"; readonly count: number };

const anything = {
  "~standard": { version: 1, vendor: "weft-bench", validate: (value: unknown) => ({ value }) },
} as const;
const hourMs = 3_600_000;
const turnstile = new Turnstile();

/** Few slots, so that of 1,000 steps about as large a share waits as of 10,000. */
const agent = defineAgent({
  name: "scale",
  version: "1.0.0",
  slots: 64,
  capabilities: {
    [echoCapability]: capability({
      input: anything,
      output: anything,
      async run(input) {
        await turnstile.pass();
        return input;
      },
    }),
    [putOffCapability]: capability({
      input: anything,
      output: anything,
      run() {
        throw new StepFailure("UNAVAILABLE", "not now", { retryAfterMs: hourMs });
      },
    }),
  },
});

serveParent<AgentOptions, AgentRequest>(async ({ registry, token }) => {
  agent.serve({ registry, token }).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
  return { facts: {}, answer: ({ count }) => turnstile.letThrough(count) };
});
