import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Code } from "@weft/runtime/grpc";
import { afterEach, expect, it } from "vitest";
import { defineAgent } from "./define-agent.ts";
import { unchecked } from "./schema.ts";
import { openTestOrchestrator, startTestRegistry } from "./testing/index.ts";
import { recordedLog } from "./testing/recorded-log.ts";

const program = `
  import { defineAgent, unchecked } from "@weft/agent-sdk";
  const json = { input: unchecked(), output: unchecked() };
  const capabilities = {
    obey: {
      ...json,
      run: (_, { log }) => {
        log.info("waiting");
        return new Promise((resolve) => process.once("SIGTERM", () => resolve("finished")));
      },
    },
    stay: { ...json, run: () => new Promise(() => setInterval(() => {}, 1_000)) },
    pid: { ...json, run: () => process.pid },
  };
  await defineAgent({ name: "child", version: "1", slots: 2, capabilities }).serve();
`;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The program above in a process of its own, with its log. */
function startProcess(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", program], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { PATH: "", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  cleanups.push(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  if (child.stderr) createInterface(child.stderr).on("line", (line) => lines.push(line));
  return { child, lines };
}

async function exitOf(child: ChildProcess): Promise<unknown> {
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return signal ?? code;
}

async function startRegistry(token?: string) {
  const registry = await startTestRegistry({ token });
  cleanups.push(registry.stop);
  return registry;
}

it("drains on SIGTERM: finishes what runs, is acknowledged, leaves, and the process ends by itself", async () => {
  const registry = await startRegistry();
  const env = { WEFT_REGISTRY: registry.address, WEFT_AGENT_ID: "child-1", WEFT_DRAIN_GRACE: "1h" };
  const { child, lines } = startProcess(env);
  const { address, agentId } = await registry.registration();
  expect(agentId).toBe("child-1");
  const orchestrator = await openTestOrchestrator(address);
  const dispatchId = orchestrator.dispatch("obey", {});
  await orchestrator.next("accepted");
  child.kill("SIGTERM");
  await orchestrator.next("draining");
  await orchestrator.next("succeeded");
  orchestrator.acknowledge([dispatchId]);
  expect(await registry.left()).toBe(true);
  expect(await exitOf(child)).toBe(0);
  const logged = lines.map((line) => JSON.parse(line) as { message: string; dispatchId?: string });
  expect(logged.map(({ message }) => message)).toEqual([
    "serving",
    "attached to registry",
    "orchestrator connected",
    "waiting",
    "draining",
    "orchestrator disconnected",
    "stopped",
  ]);
  expect(logged[3]?.dispatchId).toBe(dispatchId);
});

it("ends when its grace is over, though a handler holds the process", async () => {
  const registry = await startRegistry();
  const { child, lines } = startProcess({ WEFT_REGISTRY: registry.address, WEFT_DRAIN_GRACE: "1ms" });
  const orchestrator = await openTestOrchestrator((await registry.registration()).address);
  orchestrator.dispatch("stay", {});
  await orchestrator.next("accepted");
  child.kill("SIGTERM");
  expect(await exitOf(child)).toBe("SIGTERM");
  expect(lines.at(-1)).toContain("handlers still run after the grace");
});

it("has a success on disk before it tells of it: kill -9 in that moment does not make the step run again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-serve-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const registry = await startRegistry();
  const env = {
    WEFT_REGISTRY: registry.address,
    WEFT_AGENT_IDEMPOTENCY_STORE: join(folder, "successes.db"),
  };
  const told: unknown[] = [];
  for (const send of [1, 2, 3]) {
    const { child } = startProcess(env);
    const orchestrator = await openTestOrchestrator((await registry.registration()).address);
    orchestrator.dispatch("pid", {}, { dispatchId: `e/s/1/${send}` });
    const { output } = await orchestrator.next("succeeded");
    child.kill("SIGKILL");
    told.push(Buffer.from(output).toString());
    await exitOf(child);
    if (send === 1) expect(told).toEqual([String(child.pid)]);
  }
  expect(new Set(told).size).toBe(1);
});

it("ends at once at a second signal", async () => {
  const registry = await startRegistry();
  const { child } = startProcess({ WEFT_REGISTRY: registry.address });
  const orchestrator = await openTestOrchestrator((await registry.registration()).address);
  orchestrator.dispatch("stay", {});
  await orchestrator.next("accepted");
  child.kill("SIGINT");
  await orchestrator.next("draining");
  child.kill("SIGTERM");
  expect(await exitOf(child)).toBe("SIGTERM");
});

it("finds `weft dev` by its file, asks orchestrators for its token, and follows it when it moves", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-serve-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const writeDevFile = (registry: string, token: string) =>
    writeFileSync(join(folder, "dev.json"), JSON.stringify({ registry, token }));
  const first = await startRegistry("first");
  writeDevFile(first.address, "first");
  startProcess({ WEFT_DIR: folder });
  const { address, incarnation } = await first.registration();
  await expect(openTestOrchestrator(address)).rejects.toMatchObject({ code: Code.UNAUTHENTICATED });
  (await openTestOrchestrator(address, { token: "first" })).cut();

  const second = await startRegistry("second");
  writeDevFile(second.address, "second");
  await first.stop();
  expect(await second.registration()).toMatchObject({ address, incarnation });
  await expect(openTestOrchestrator(address, { token: "first" })).rejects.toMatchObject({
    code: Code.UNAUTHENTICATED,
  });
  (await openTestOrchestrator(address, { token: "second" })).cut();
});

it("says what is wrong with the configuration and ends with 1", async () => {
  const { child, lines } = startProcess({ WEFT_REGISTRY: "nowhere" });
  expect(await exitOf(child)).toBe(1);
  expect(lines.join("\n")).toContain('WEFT_REGISTRY="nowhere": expected host:port');
});

it("is stopped by a signal of the program's own, and leaves no listeners behind", async () => {
  const registry = await startRegistry();
  const stop = new AbortController();
  const { log, logged } = recordedLog();
  const echo = { input: unchecked<string>(), output: unchecked<string>(), run: (text: string) => text };
  const agent = defineAgent({ name: "inside", version: "1", slots: 1, capabilities: { echo } });
  const listeners = process.listenerCount("SIGTERM");
  const stopped = agent.serve({ registry: registry.address, signal: stop.signal, log });
  await logged("attached to registry");
  expect(process.listenerCount("SIGTERM")).toBe(listeners + 1);
  stop.abort();
  await stopped;
  await logged("stopped");
  expect(process.listenerCount("SIGTERM")).toBe(listeners);
});
