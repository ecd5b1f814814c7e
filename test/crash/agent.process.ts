import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capability, defineAgent, later, StepFailure } from "@weft/agent-sdk";
import { z } from "zod";

// The agent of the crash tests. It outlives orchestrators, and notes each effect under its idempotency key.

const [folder = "."] = process.argv.slice(2);
const anything = z.unknown();

function note(key: string): void {
  appendFileSync(join(folder, "effects"), `${key}\n`);
}

const agent = defineAgent({
  name: "worker",
  version: "1.0.0",
  slots: 8,
  capabilities: {
    "work.add": capability({
      input: z.object({ to: z.number() }),
      output: z.number(),
      run({ to }, { idempotencyKey }) {
        note(idempotencyKey);
        return to + 1;
      },
    }),
    "work.flaky": capability({
      input: anything,
      output: z.string(),
      run(_input, { attempt, idempotencyKey }) {
        if (attempt < 6) throw new StepFailure("UNAVAILABLE", `attempt ${attempt}`);
        note(idempotencyKey);
        return "at last";
      },
    }),
    "work.later": capability({
      input: z.object({ token: z.string() }),
      output: anything,
      run({ token }, { completionToken }) {
        writeFileSync(join(folder, token), completionToken);
        return later();
      },
    }),
    "work.tomorrow": capability({
      input: anything,
      output: anything,
      run() {
        throw new StepFailure("UNAVAILABLE", "come back tomorrow", { retryAfterMs: 24 * 3_600_000 });
      },
    }),
    "work.gate": capability({
      input: z.object({ gate: z.string() }),
      output: z.string(),
      async run({ gate }, { signal, idempotencyKey }) {
        while (!existsSync(join(folder, gate))) {
          signal.throwIfAborted();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        note(idempotencyKey);
        return "through";
      },
    }),
  },
});

await agent.serve({ agentId: "worker-1" });
