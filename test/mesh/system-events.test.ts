import { capability, defineAgent, StepFailure } from "@weft/agent-sdk";
import { systemClock } from "@weft/runtime/clock";
import { Hearer } from "@weft/runtime/event-bus.contract";
import { silentLogger } from "@weft/runtime/logger";
import { NatsSubscriber } from "@weft/runtime/nats";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { RecordedFeed } from "../../services/alert-manager/src/adapters/recorded-feed.fixture.ts";
import { temporaryFolder } from "../harness/folder.ts";
import { natsServer } from "../harness/nats-server.ts";
import { orchestratorService, registryService, testToken } from "../harness/services.ts";
import { until } from "../harness/until.ts";
import { serveAgent } from "./served-agent.ts";

const failing = defineAgent({
  name: "failing",
  version: "1.0.0",
  slots: 4,
  capabilities: {
    "test.fail": capability({
      input: z.unknown(),
      output: z.unknown(),
      run: () => Promise.reject(new StepFailure("INTERNAL", "as always")),
    }),
  },
});

const document =
  "{workflow: failed, version: 1, steps: [{id: a, capability: test.fail, retry: {maxAttempts: 1}}]}";

async function startMesh() {
  const folder = temporaryFolder();
  const nats = await natsServer(folder);
  await nats.start();
  onTestFinished(() => nats.kill());
  const settings = { WEFT_NATS_URL: nats.url };
  const registry = await registryService({ ...settings, WEFT_REGISTRY_ID: "one", WEFT_REGISTRY_LEASE: "1s" });
  const orchestrator = await orchestratorService(folder, registry.address, { env: settings });
  await registry.start();
  await orchestrator.start();
  const { url } = nats;
  const addresses = { orchestrator: orchestrator.address, registry: registry.address, token: testToken };
  return { folder, nats, url, registry, orchestrator, addresses };
}

test("changes of agents and breakers are told on the bus, and reach the alert manager also when they were not", async () => {
  const mesh = await startMesh();
  const ports = { clock: systemClock, logger: silentLogger, random: Math.random };
  const subscriber = new NatsSubscriber({ servers: [mesh.url], name: "test" }, ports);
  onTestFinished(() => subscriber.close());
  const heard = new Hearer();
  subscriber.subscribe("system", heard);
  const feed = new RecordedFeed({ ...mesh.addresses, nats: mesh.url }, mesh.folder);
  await feed.start();
  onTestFinished(() => feed.stop());

  // The stream is there when the first event is.
  const source = {
    case: "source" as const,
    value: { source: { case: "document" as const, value: document } },
  };
  for (let count = 0; count < 10; count++)
    await mesh.orchestrator.client.startExecution({ workflow: source });
  await until("a consumer", () => heard.states.at(-1));
  serveAgent({ file: { registry: mesh.registry.address, token: testToken } }, failing);
  const types = () => new Set(heard.events.map(({ type }) => type));
  await until("the breaker to be told", () =>
    feed.system.some((each) => each.kind === "breaker" && each.of === "agent" && each.state === "OPEN"),
  );
  await until("the breaker on the bus", () => types().has("breaker.opened"));
  const opened = heard.events.find(({ type }) => type === "breaker.opened");
  expect(opened).toMatchObject({ source: "/weft/orchestrator/one", subject: "agent/failing/test.fail" });
  expect(JSON.parse(Buffer.from(opened!.data).toString())).toMatchObject({
    breakerChanged: {
      kind: "BREAKER_KIND_AGENT",
      agentId: "failing",
      capability: "test.fail",
      state: "BREAKER_STATE_OPEN",
    },
  });
  const isReady = { kind: "agent", agentId: "failing", state: "READY", capabilities: ["test.fail"] };
  await expect.poll(() => feed.system).toContainEqual(expect.objectContaining(isReady));
  for (const name of ["nats", "orchestrator", "registry"])
    await until(`${name} to be told as reachable`, () =>
      feed.system.some((each) => each.kind === "dependency" && each.name === name && each.reachable),
    );

  // Without NATS nothing is told; the lists say the same.
  await mesh.nats.kill();
  await mesh.registry.client.drainAgent({ agentId: "failing" });
  await until("the drained agent, from the list", () =>
    feed.system.some((each) => each.kind === "agent" && each.state === "DRAINING"),
  );
  const unreachable = feed.system.some(
    (each) => each.kind === "dependency" && each.name === "nats" && !each.reachable,
  );
  expect(unreachable).toBe(true);
  await until("the outbox to be told", () => feed.system.some((each) => each.kind === "outbox"));
}, 60_000);
