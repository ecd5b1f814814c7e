import { appendFileSync, existsSync, watch, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { capability, defineAgent, later } from "@weft/agent-sdk";
import { z } from "zod";

/** An agent for the mesh tests: notes each run in a file, and can be held at a gate. */
const [folder = ".", id = "recorder"] = process.argv.slice(2);
const anything = z.unknown();

const agent = defineAgent({
  name: "recorder",
  version: "1.0.0",
  slots: 16,
  capabilities: {
    "test.echo": capability({
      input: anything,
      output: anything,
      async run(input, { idempotencyKey }) {
        record(idempotencyKey);
        await nextTurn();
        return input;
      },
    }),
    "test.later": capability({
      input: z.object({ token: z.string() }),
      output: anything,
      run({ token }, { completionToken, idempotencyKey }) {
        record(idempotencyKey);
        writeFileSync(join(folder, token), completionToken);
        return later();
      },
    }),
    "test.gate": capability({
      input: z.object({ gate: z.string() }),
      output: z.object({ agent: z.string() }),
      async run({ gate }, { idempotencyKey, signal }) {
        record(idempotencyKey);
        await opened(join(folder, gate), signal);
        return { agent: id };
      },
    }),
  },
});

/** All keys in one file, and a file for each execution: it is there as soon as a handler runs. */
function record(key: string): void {
  appendFileSync(join(folder, `runs-${id}`), `${key}\n`);
  appendFileSync(join(folder, `runs-${id}-${key.split("/")[0]}`), `${key}\n`);
}

/** Resolves when the file is there. */
function opened(file: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const watcher = watch(dirname(file), { signal }, check);
    watcher.on("error", reject);
    signal.addEventListener("abort", () => reject(signal.reason as Error));
    function check(): void {
      if (!existsSync(file)) return;
      watcher.close();
      resolve();
    }
    check();
  });
}

await agent.serve({ agentId: id });
