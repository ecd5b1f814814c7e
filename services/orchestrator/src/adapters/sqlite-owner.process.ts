import { writeSync } from "node:fs";
import { openSqliteStore } from "./store-sqlite.ts";

// What tests of crashes kill: it owns the folder it is given and commits batches until then. Its lines on stdout
// are the last position of each batch that it was told is on disk, that it was not told, or why it ends.

const batchEventsMax = 60;
const payloadBytes = 700;

const [folder = ""] = process.argv.slice(2);

function say(text: string): void {
  writeSync(process.stdout.fd, `${text}\n`);
}

async function commitUntilRefused(): Promise<void> {
  const store = await openSqliteStore(folder);
  const { epoch, position } = await store.takeOwnership(0);
  say("open");
  let last = position;
  for (let batch = 1; ; batch += 1) {
    const size = 1 + ((batch * 7) % batchEventsMax);
    const executionId = `000-${String(epoch).padStart(9, "0")}-${String(batch).padStart(8, "0")}`;
    const events = Array.from({ length: size }, (_, index) => ({
      position: last + 1 + index,
      executionId,
      sequence: index + 1,
      timeMs: batch,
      kind: "step.succeeded" as const,
      schemaVersion: 1,
      body: JSON.stringify({ size }),
      payload: JSON.stringify("x".repeat(payloadBytes)),
    }));
    const rows = { events, started: [], changed: [], ended: [], snapshots: [] };
    const outcome = await store.commit({ shard: 0, epoch, ...rows });
    if (outcome.kind === "refused") return say(`${outcome.reason} ${outcome.message}`);
    if (outcome.kind === "committed") last += size;
    say(outcome.kind === "committed" ? String(last) : `UNKNOWN ${outcome.message}`);
  }
}

await commitUntilRefused().catch((error: unknown) => say(`failed ${String(error)}`));
process.exit();
