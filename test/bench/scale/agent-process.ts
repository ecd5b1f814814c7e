import { capability, defineAgent, StepFailure } from "@weft/agent-sdk";
import type { AgentOptions } from "../engine/agent-process.ts";
import { echoCapability } from "../engine/workflows.ts";
import { serveParent } from "../processes/parent.ts";
import { Turnstile } from "./turnstile.ts";
import { putOffCapability } from "./workflows.ts";

export type AgentRequest =
  /** Lets so many handlers through, all of them if Infinity; answered when another one is held. */
  | { readonly kind: "let-through"; readonly count: number }
  /** Answered with how many steps were put off so far. */
  | { readonly kind: "put-off" };

const anything = {
  "~standard": { version: 1, vendor: "weft-bench", validate: (value: unknown) => ({ value }) },
} as const;
const hourMs = 3_600_000;
const turnstile = new Turnstile();
let putOff = 0;

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
        putOff += 1;
        throw new StepFailure("RESOURCE_EXHAUSTED", "not now", { retryAfterMs: hourMs });
      },
    }),
  },
});

serveParent<AgentOptions, AgentRequest>(async ({ registry, token }) => {
  agent.serve({ registry, token }).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
  return { facts: {}, answer };
});

async function answer(request: AgentRequest): Promise<number | undefined> {
  if (request.kind === "put-off") return putOff;
  await turnstile.letThrough(request.count);
  return undefined;
}
