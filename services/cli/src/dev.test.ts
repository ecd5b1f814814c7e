import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AlertService } from "@weft/proto/weft/alerts/v1/alerts_pb";
import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import { Code, createChannel } from "@weft/runtime/grpc";
import { silentLogger } from "@weft/runtime/logger";
import { expect, it, onTestFinished, vi } from "vitest";
import { holdDataFolder } from "./dev/data-folder.ts";
import { createDevMesh } from "./dev.ts";

const definition = "workflow: echo\nversion: 1\nsteps: [{ id: a, capability: test.echo }]\n";

function newFolder(): string {
  const top = mkdtempSync(join(tmpdir(), "weft-dev-"));
  onTestFinished(() => rmSync(top, { recursive: true }));
  return join(top, ".weft");
}

async function start(path: string, inMemory: boolean, alertRules?: string) {
  const folder = holdDataFolder(path);
  const mesh = createDevMesh({
    folder,
    orchestratorPort: 0,
    registryPort: 0,
    alertsPort: 0,
    alertRules,
    environment: {},
    inMemory,
    nats: undefined,
    tracing: undefined,
    loggerOf: () => silentLogger,
    onFatal: () => {},
  });
  const addresses = await mesh.start();
  const channels = [addresses.orchestrator, addresses.registry, addresses.alerts].map((address) =>
    createChannel({ address, token: folder.kept.token }),
  );
  const stop = async (): Promise<void> => {
    for (const channel of channels) channel.close();
    await mesh.stop();
    folder.release();
  };
  onTestFinished(stop);
  const [orchestrator, registry, alerts] = channels;
  return {
    addresses,
    stop,
    orchestrator: orchestrator!.client(OrchestratorService),
    registry: registry!.client(RegistryService),
    alerts: alerts!.client(AlertService),
  };
}

it("serves an orchestrator, a registry and an alert manager to those who have the token", async () => {
  const { addresses, orchestrator, registry, alerts } = await start(newFolder(), true);
  expect((await orchestrator.listWorkflows({})).workflows).toEqual([]);
  expect((await registry.listAgents({})).agents).toEqual([]);
  expect((await alerts.listAlerts({})).alerts).toEqual([]);
  for (const address of [addresses.orchestrator, addresses.registry, addresses.alerts])
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
  const stranger = createChannel({ address: addresses.orchestrator });
  onTestFinished(() => stranger.close());
  await expect(stranger.client(OrchestratorService).listWorkflows({})).rejects.toMatchObject({
    code: Code.UNAUTHENTICATED,
  });
});

it("keeps workflows in the data folder, unless it is told to keep them in memory", async () => {
  for (const inMemory of [false, true]) {
    const folder = newFolder();
    const first = await start(folder, inMemory);
    const source = { source: { case: "document", value: definition } } as const;
    await first.orchestrator.registerWorkflow({ source });
    await first.stop();
    const second = await start(folder, inMemory);
    const { workflows } = await second.orchestrator.listWorkflows({});
    expect(workflows.map(({ name }) => name)).toEqual(inMemory ? [] : ["echo"]);
    await second.stop();
  }
});

it("has rules of alerts of one's own, and says what is wrong with them", async () => {
  const folder = newFolder();
  const rules = `${folder}-alerts.yaml`;
  onTestFinished(() => rmSync(rules));
  writeFileSync(rules, "receivers: [{ name: chat, kind: slack, url: { fromEnv: CHAT } }]");
  const { alerts, stop } = await start(folder, false, rules);
  expect((await alerts.listRules({})).receivers.map(({ name }) => name)).toEqual(["chat", "default"]);
  await stop();
  writeFileSync(rules, "receivers: [{ name: chat, kind: fax }]");
  await expect(start(folder, false, rules)).rejects.toThrow(/alerts.yaml, line 1: receivers\[0\].kind "fax"/);
});

it("hears at once what its orchestrator does", async () => {
  const { orchestrator, alerts } = await start(newFolder(), true);
  const late = `${definition}timeout: 60s\n`;
  const source = { source: { case: "document", value: late } } as const;
  await orchestrator.startExecution({ workflow: { case: "source", value: source } });
  const rules = "rules: [{ name: execution-sla-at-risk, signal: { at: 0.01 } }]";
  const seen = async () =>
    (await alerts.testRule({ rules })).changes.map(({ alert }) => alert?.labels["workflow"]);
  await vi.waitFor(async () => expect(await seen()).toEqual(["echo"]), { timeout: 30_000 });
});
