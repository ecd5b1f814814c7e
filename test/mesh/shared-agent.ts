import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { startLinkedAgent } from "../harness/held-step.ts";
import { orchestratorService } from "../harness/services.ts";
import { startWeftDev } from "../harness/weft-dev.ts";

/** `weft dev`, a second orchestrator in a process of its own, and one agent for both. */
export async function shareAgent(slots: number) {
  const folder = temporaryFolder();
  const dev = await startWeftDev(folder);
  onTestFinished(() => dev.close());
  const { registry, token } = dev.file;
  const second = await orchestratorService(folder, registry, { name: "second", token });
  const life = await second.start();
  const agent = await startLinkedAgent(dev, folder, "counter", slots);
  onTestFinished(() => agent.close());
  const file = join(folder, "runs-counter");
  /** The keys of what has run, in order. */
  const runs = (): readonly string[] =>
    existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  return { folder, first: dev.orchestrator, second, life, agent, runs };
}
