import type { ExecutionEvent } from "@weft/proto/weft/events/v1/events_pb";
import { systemClock } from "@weft/runtime/clock";
import { Hearer } from "@weft/runtime/event-bus.contract";
import { silentLogger } from "@weft/runtime/logger";
import { NatsSubscriber } from "@weft/runtime/nats";
import { describe, expect, it, onTestFinished } from "vitest";
import { RecordedFeed } from "../../services/alert-manager/src/adapters/recorded-feed.fixture.ts";
import { temporaryFolder } from "../harness/folder.ts";
import { natsServer } from "../harness/nats-server.ts";
import { orchestratorService, registryService, testToken } from "../harness/services.ts";
import { until } from "../harness/until.ts";
import { echo, serveAgent } from "./served-agent.ts";

/** `npm run proof:relay` sets 10,000. */
const executions = Number(process.env["WEFT_PROOF_EXECUTIONS"] ?? 1_000);
const kills = 5;
const batch = 50;
const messageBytesMax = 2_048;

const document = "{workflow: echoed, version: 1, steps: [{id: a, capability: test.echo}]}";
/** As many and as long as they may be: no message of 2 KiB holds its start. */
const labels = Object.fromEntries(
  Array.from({ length: 30 }, (_, index) => [`label-${index}`, "x".repeat(63)]),
);

async function startMesh() {
  const folder = temporaryFolder();
  const nats = await natsServer(folder);
  await nats.start();
  onTestFinished(() => nats.kill());
  const registry = await registryService();
  await registry.start();
  const settings = {
    WEFT_NATS_URL: nats.url,
    WEFT_NATS_MESSAGE_BYTES_MAX: String(messageBytesMax),
    WEFT_NATS_STREAM_BYTES_MAX: String(512 * 1024 ** 2),
  };
  const orchestrator = await orchestratorService(folder, registry.address, { env: settings });
  const process = await orchestrator.start();
  serveAgent({ file: { registry: registry.address, token: testToken } }, echo);
  const feed = new RecordedFeed(
    { orchestrator: orchestrator.address, registry: registry.address, token: testToken, nats: nats.url },
    folder,
  );
  await feed.start();
  onTestFinished(() => feed.stop());
  return { nats, orchestrator, process, feed };
}

type Mesh = Awaited<ReturnType<typeof startMesh>>;

async function startBatch({ orchestrator }: Mesh, count: number): Promise<void> {
  const source = {
    case: "source" as const,
    value: { source: { case: "document" as const, value: document } },
  };
  const requests = Array.from({ length: count }, () => ({ workflow: source }));
  const { results } = await orchestrator.client.startExecutions({ requests });
  for (const { result } of results) if (result.case === "error") throw new Error(result.value.message);
}

async function shardOf({ orchestrator }: Mesh) {
  const { shards } = await orchestrator.client.listShards({});
  return shards[0]!;
}

/** Starts all executions, and meanwhile kills nats-server again and again; the third time its data go too. */
async function loadAndKill(mesh: Mesh): Promise<void> {
  const { nats } = mesh;
  let started = 0;
  const load = (async () => {
    for (; started < executions; started += batch) await startBatch(mesh, batch);
  })();
  for (let kill = 1; kill <= kills; kill++) {
    await until("more load", () => started >= (executions * kill) / (kills + 1));
    await nats.kill();
    if (kill === 3) nats.wipe();
    await until(
      "load without NATS",
      () => started >= Math.min(executions, (executions * (kill + 0.3)) / (kills + 1)),
    );
    await nats.start();
  }
  await load;
}

/** One after another, until it is so: what comes by NATS again after its last start. Resolves with how many. */
async function startUntil(mesh: Mesh, isSo: () => boolean): Promise<number> {
  let started = 0;
  await until("events to come by NATS again", async () => {
    if (isSo()) return true;
    await startBatch(mesh, 1);
    started++;
    return false;
  });
  return started;
}

async function wholeLog({ orchestrator }: Mesh): Promise<readonly ExecutionEvent[]> {
  const log: ExecutionEvent[] = [];
  for await (const { events } of orchestrator.client.readEvents({ shard: 0 })) log.push(...events);
  return log;
}

describe("events", () => {
  it(`of ${executions} executions reach a consumer once and in order, though NATS is killed five times and wiped once`, async () => {
    const mesh = await startMesh();
    await loadAndKill(mesh);
    const { feed } = mesh;
    const heardBefore = feed.heard;
    const more = await startUntil(mesh, () => feed.heard > heardBefore);
    // Each has its start, a step that starts (and may have queued), its success, and the execution's.
    await until(
      "all executions to end",
      async () => {
        const page = await mesh.orchestrator.client.listExecutions({
          filter: { statuses: [2] },
          pageSize: 1,
        });
        return page.executions.length === 0;
      },
      600_000,
    );
    const { headPosition } = await shardOf(mesh);
    await until(
      () => `position ${headPosition} to be taken; ${feed.positions.at(-1)} was`,
      () => feed.positions.at(-1) === Number(headPosition),
      120_000,
    );
    await until("the relay to have caught up", async () => (await shardOf(mesh)).relay?.lagEvents === 0n);

    const log = await wholeLog(mesh);
    expect(log).toHaveLength(Number(headPosition));
    expect(log.filter(({ event }) => event?.event.case === "executionSucceeded")).toHaveLength(
      executions + more,
    );
    expect(feed.positions).toEqual(log.map(({ event }) => Number(event?.position)));
    expect(
      feed.placed.map(({ observation }) => "executionId" in observation && observation.executionId),
    ).toEqual(log.map(({ event }) => event?.executionId));
    const sequences = new Map<string, number>();
    for (const { event } of log) {
      expect(Number(event?.sequence)).toBe((sequences.get(event!.executionId) ?? 0) + 1);
      sequences.set(event!.executionId, Number(event?.sequence));
    }
    expect(feed.resets).toEqual([]);
    console.log(
      `${executions} executions, ${log.length} events: ${feed.heard} by NATS (repeated ones too), ${feed.read} from the log`,
    );
  }, 900_000);

  it("that NATS refuses are told as stubs, and do not stop the relay", async () => {
    const mesh = await startMesh();
    const config = { servers: [mesh.nats.url], name: "test" };
    const subscriber = new NatsSubscriber(config, {
      clock: systemClock,
      logger: silentLogger,
      random: Math.random,
    });
    onTestFinished(() => subscriber.close());
    const heard = new Hearer();
    await startBatch(mesh, 1);
    await until("the relay to create the stream", async () => (await shardOf(mesh)).relay?.lagEvents === 0n);
    subscriber.subscribe("stubs", heard);
    await until("a consumer", () => heard.states.at(-1));
    const source = {
      case: "source" as const,
      value: { source: { case: "document" as const, value: document } },
    };
    const { executionId } = await mesh.orchestrator.client.startExecution({ workflow: source, labels });
    await until("its end", () =>
      heard.events.some(({ subject, type }) => subject === executionId && type === "execution.succeeded"),
    );
    const stubs = await until("its start as a stub", () => {
      const found = heard.events.filter(({ extensions }) => extensions["stub"] === "refused");
      return found.length > 0 && found;
    });
    expect(stubs.map(({ subject, type }) => [subject, type])).toEqual([[executionId, "execution.started"]]);
    // The feed has it all the same: from the log.
    await until("the start to be taken", () =>
      mesh.feed.placed.some(
        ({ observation }) =>
          observation.kind === "execution" &&
          observation.type === "started" &&
          observation.executionId === executionId,
      ),
    );
    await until(
      "the end to be taken",
      async () => mesh.feed.positions.at(-1) === Number((await shardOf(mesh)).headPosition),
    );
    expect(mesh.feed.positions).toEqual(mesh.feed.positions.map((_, index) => index + 1));
  });
});
