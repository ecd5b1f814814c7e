import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import { Code, createChannel } from "@weft/runtime/grpc";
import { silentLogger } from "@weft/runtime/logger";
import { expect, it, onTestFinished } from "vitest";
import { holdDataFolder } from "./dev/data-folder.ts";
import { createDevMesh } from "./dev.ts";

const definition = "workflow: echo\nversion: 1\nsteps: [{ id: a, capability: test.echo }]\n";

function newFolder(): string {
  const top = mkdtempSync(join(tmpdir(), "weft-dev-"));
  onTestFinished(() => rmSync(top, { recursive: true }));
  return join(top, ".weft");
}

async function start(path: string, inMemory: boolean) {
  const folder = holdDataFolder(path);
  const mesh = createDevMesh({
    folder,
    orchestratorPort: 0,
    registryPort: 0,
    inMemory,
    nats: undefined,
    tracing: undefined,
    loggerOf: () => silentLogger,
    onFatal: () => {},
  });
  const addresses = await mesh.start();
  const channels = [addresses.orchestrator, addresses.registry].map((address) =>
    createChannel({ address, token: folder.kept.token }),
  );
  const stop = async (): Promise<void> => {
    for (const channel of channels) channel.close();
    await mesh.stop();
    folder.release();
  };
  onTestFinished(stop);
  const [orchestrator, registry] = channels;
  return {
    addresses,
    stop,
    orchestrator: orchestrator!.client(OrchestratorService),
    registry: registry!.client(RegistryService),
  };
}

it("serves an orchestrator and a registry to those who have the token", async () => {
  const { addresses, orchestrator, registry } = await start(newFolder(), true);
  expect((await orchestrator.listWorkflows({})).workflows).toEqual([]);
  expect((await registry.listAgents({})).agents).toEqual([]);
  for (const address of [addresses.orchestrator, addresses.registry])
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
