import {
  OrchestratorService,
  type ReadEventsResponse,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { type Client, Code, createChannel, messageBytesMax, RpcError } from "@weft/runtime/grpc";
import { expect, it, onTestFinished } from "vitest";
import { createOrchestrator, orchestratorDefaults } from "../service.ts";

type Orchestrator = Client<typeof OrchestratorService>;

/** Nobody offers its capability: an execution of it has two events, and waits. */
const document = "{workflow: lone, version: 3, timeout: 1h, steps: [{id: a, capability: nobody.offers}]}";

/** An orchestrator in memory, over a real socket; no registry answers it. */
async function orchestratorClient(): Promise<Orchestrator> {
  const service = createOrchestrator({
    ...orchestratorDefaults,
    address: "127.0.0.1:0",
    registryAddress: "127.0.0.1:1",
    dataDirectory: undefined,
    orchestratorId: "test",
  });
  const { port } = await service.start();
  const channel = createChannel({ address: `127.0.0.1:${port}` });
  onTestFinished(async () => {
    channel.close();
    await service.stop();
  });
  return channel.client(OrchestratorService);
}

async function refusalOf(call: Promise<unknown>): Promise<RpcError> {
  const error = await call.catch((reason: unknown) => reason);
  if (!(error instanceof RpcError)) throw new Error("the call was not refused");
  return error;
}

async function start(orchestrator: Orchestrator, count: number, input = "{}"): Promise<void> {
  const requests = Array.from({ length: count }, () => ({
    workflow: { case: "source" as const, value: { source: { case: "document" as const, value: document } } },
    input: { content: { case: "data" as const, value: Buffer.from(input) } },
  }));
  const { results } = await orchestrator.startExecutions({ requests });
  for (const { result } of results) if (result.case === "error") throw new Error(result.value.message);
}

async function read(orchestrator: Orchestrator, request: Parameters<Orchestrator["readEvents"]>[0]) {
  const messages: ReadEventsResponse[] = [];
  for await (const message of orchestrator.readEvents(request)) messages.push(message);
  return messages;
}

function positionsOf(messages: readonly ReadEventsResponse[]): readonly number[] {
  return messages.flatMap(({ events }) => events.map(({ event }) => Number(event?.position)));
}

it("a shard tells its log and how far it goes", async () => {
  const orchestrator = await orchestratorClient();
  await start(orchestrator, 2);
  const { shards } = await orchestrator.listShards({});
  expect(shards).toMatchObject([
    { shard: 0, headPosition: 4n, logId: expect.stringMatching(/^[0-9a-f]{32}$/) },
  ]);
});

it("the log is read to its head, with digests, and with what its events do not say", async () => {
  const orchestrator = await orchestratorClient();
  await start(orchestrator, 1, '{"secret":1}');
  const [message] = await read(orchestrator, { shard: 0 });
  expect(message).toMatchObject({ headPosition: 2n });
  const digest = { case: "digest", value: { bytes: 12n, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } };
  expect(message?.events).toMatchObject([
    {
      namespace: "default",
      workflow: "lone",
      workflowVersion: 3,
      capability: "",
      timeout: { seconds: 3_600n },
      event: { position: 1n, event: { case: "executionStarted", value: { input: { content: digest } } } },
    },
    { workflow: "lone", capability: "nobody.offers", event: { position: 2n, event: { case: "stepQueued" } } },
  ]);
});

it("thousands of events come dense, in messages well below the limit, from any position", async () => {
  const orchestrator = await orchestratorClient();
  await start(orchestrator, 900, JSON.stringify("x".repeat(10_000)));
  const all = await read(orchestrator, { shard: 0 });
  expect(positionsOf(all)).toEqual(Array.from({ length: 1_800 }, (_, index) => index + 1));
  expect(all.length).toBeGreaterThan(1);
  const bytes = all.map(
    ({ events }) => JSON.stringify(events, (_, value) => (typeof value === "bigint" ? 0 : value)).length,
  );
  expect(Math.max(...bytes)).toBeLessThan(messageBytesMax / 2);
  expect(positionsOf(await read(orchestrator, { shard: 0, afterPosition: 1_700n }))[0]).toBe(1_701);
});

it("a reader that follows hears at once where the head is, then what comes", async () => {
  const orchestrator = await orchestratorClient();
  const stream = orchestrator.readEvents({ shard: 0, follow: true })[Symbol.asyncIterator]();
  expect((await stream.next()).value).toMatchObject({ events: [], headPosition: 0n });
  await start(orchestrator, 1);
  expect(positionsOf([(await stream.next()).value as ReadEventsResponse])).toEqual([1, 2]);
  await stream.return?.();
});

it("another log, another shard and a position that the log does not reach are refused", async () => {
  const orchestrator = await orchestratorClient();
  await start(orchestrator, 1);
  const refused = async (request: Parameters<Orchestrator["readEvents"]>[0]) => {
    const { code, details } = await refusalOf(read(orchestrator, request));
    return [code, details.reason];
  };
  expect(await refused({ logId: "0123" })).toEqual([Code.FAILED_PRECONDITION, "LOG_REPLACED"]);
  expect(await refused({ shard: 1 })).toEqual([Code.NOT_FOUND, "SHARD_NOT_FOUND"]);
  expect(await refused({ afterPosition: 3n })).toEqual([Code.OUT_OF_RANGE, "POSITION_BEYOND_LOG"]);
  expect(await refused({ afterPosition: -1n })).toEqual([Code.INVALID_ARGUMENT, "REQUEST_INVALID"]);
});

it("more readers than the log serves are refused, and a place comes free with the end of one", async () => {
  const orchestrator = await orchestratorClient();
  const readers = Array.from({ length: 64 }, () =>
    orchestrator.readEvents({ follow: true })[Symbol.asyncIterator](),
  );
  await Promise.all(readers.map((reader) => reader.next()));
  expect((await refusalOf(read(orchestrator, {}))).details.reason).toBe("TOO_MANY_READERS");
  await orchestrator.listShards({});
  for (const reader of readers) await reader.return?.();
  await expect.poll(() => read(orchestrator, {}).catch(() => undefined)).toBeDefined();
});
