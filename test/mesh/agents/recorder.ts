import { appendFileSync, existsSync, renameSync, watch, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { capability, defineAgent, later } from "@weft/agent-sdk";
import { z } from "zod";

/** An agent for the mesh tests: notes each run in a file, counts them, and can be held at a gate. */
const [folder = ".", id = "recorder", slots = "16"] = process.argv.slice(2);
const anything = z.unknown();
/** What a handler of `test.counted` takes: long enough for others to come in. */
const workMs = 5;
let running = 0;
let peak = 0;

const agent = defineAgent({
  name: "recorder",
  version: "1.0.0",
  slots: Number(slots),
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
    "test.counted": capability({
      input: anything,
      output: anything,
      async run(input, { idempotencyKey }) {
        record(idempotencyKey);
        running += 1;
        notePeak();
        await pause(workMs);
        running -= 1;
        return input;
      },
    }),
    "test.later": capability({
      input: z.object({ token: z.string() }),
      output: anything,
      run({ token }, { completionToken, idempotencyKey }) {
        record(idempotencyKey);
        // Whole at once: the test reads it as soon as it is there.
        writeFileSync(join(folder, `${token}.part`), completionToken);
        renameSync(join(folder, `${token}.part`), join(folder, token));
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

function notePeak(): void {
  if (running <= peak) return;
  peak = running;
  writeFileSync(join(folder, `peak-${id}`), String(peak));
}

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
