import { create, toBinary } from "@bufbuild/protobuf";
import {
  AgentService,
  OrchestratorEntrySchema,
  type SessionResponse,
  SessionResponseSchema,
} from "@weft/proto/weft/agent/v1/agent_pb";
import { Code, createChannel } from "@weft/runtime/grpc";
import { chunkBytesMax } from "@weft/runtime/payload-chunks";
import { afterEach, describe, expect, it } from "vitest";
import { defineAgent } from "../define-agent.ts";
import { unchecked } from "../schema.ts";
import {
  gatedCapability,
  type OrchestratorEntryInit,
  startTestAgent,
  type TestAgent,
} from "../testing/index.ts";
import { succeeded } from "./core/outcome.ts";
import { frameBytesMax } from "./frame.ts";
import { Outbox } from "./outbox.ts";

let served: TestAgent | undefined;
afterEach(() => served?.stop());

const sizeOf = (frame: SessionResponse) => toBinary(SessionResponseSchema, frame).byteLength;
const casesOf = (frames: readonly SessionResponse[]) =>
  frames.flatMap(({ entries }) => entries.map(({ entry }) => entry.case));

async function serve() {
  const gate = gatedCapability();
  const text = { input: unchecked<{ length: number }>(), output: unchecked<string>() };
  const agent = defineAgent({
    name: "talker",
    version: "1",
    slots: 100,
    capabilities: {
      wait: gate.capability,
      talk: { ...text, run: ({ length }) => "x".repeat(length) },
      hasty: {
        ...text,
        run({ length }, { progress }) {
          progress(0.5);
          return "x".repeat(length);
        },
      },
      "talk.later": { ...text, run: async ({ length }) => "x".repeat(length) },
    },
  });
  served = await startTestAgent(agent);
  return { gate, served };
}

function dispatchEntry(dispatchId: string, capability: string, length = 1): OrchestratorEntryInit {
  const input = Buffer.from(JSON.stringify({ length }));
  return { entry: { case: "dispatch", value: { dispatchId, shard: 0, epoch: 1n, capability, input } } };
}

function dispatchEntries(count: number, capability: string, length = 1): OrchestratorEntryInit[] {
  return Array.from({ length: count }, (_, index) => dispatchEntry(`e${index}/s/1/1`, capability, length));
}

describe("a frame", () => {
  it.each(["talk", "talk.later"])(
    "holds all results of one turn, which need no accepted (%s)",
    async (name) => {
      const { served } = await serve();
      const orchestrator = await served.connect();
      const before = orchestrator.frames.length;
      orchestrator.send(...dispatchEntries(50, name));
      await orchestrator.next("succeeded");
      const frames = orchestrator.frames.slice(before);
      expect(frames).toHaveLength(1);
      expect(casesOf(frames)).toEqual(Array.from({ length: 50 }, () => "succeeded"));
    },
  );

  it("says accepted once for all that run on", async () => {
    const { served } = await serve();
    const orchestrator = await served.connect();
    orchestrator.send(...dispatchEntries(3, "wait"));
    expect((await orchestrator.next("accepted")).dispatchIds).toEqual(["e0/s/1/1", "e1/s/1/1", "e2/s/1/1"]);
  });

  it("has no progress beside the result that makes it old", async () => {
    const { served } = await serve();
    const orchestrator = await served.connect();
    orchestrator.send(...dispatchEntries(3, "hasty"));
    await orchestrator.next("succeeded");
    expect(casesOf(orchestrator.frames.slice(-1))).toEqual(["succeeded", "succeeded", "succeeded"]);
  });

  it("is at most 256 KiB, or one larger result alone", async () => {
    const { served } = await serve();
    const orchestrator = await served.connect();
    const before = orchestrator.frames.length;
    const large = dispatchEntry("large/s/1/1", "talk", 300 * 1024);
    const small = dispatchEntries(20, "talk", 60 * 1024);
    orchestrator.send(...small.slice(0, 10), large, ...small.slice(10));
    for (let left = 21; left > 0; left--) await orchestrator.next("succeeded");
    const frames = orchestrator.frames.slice(before);
    const tooLarge = frames.filter((frame) => sizeOf(frame) > frameBytesMax);
    expect(tooLarge.map(({ entries }) => entries.length)).toEqual([1]);
    expect(frames.length).toBeLessThanOrEqual(8);
  });
});

describe("an orchestrator that does not read", () => {
  /** A session that is not read until the test says so; the agent's stream is full when this returns. */
  async function silentSession({ address }: TestAgent) {
    const channel = createChannel({ address, exclusive: true });
    const call = channel.client(AgentService).session();
    const frames: SessionResponse[] = [];
    const ended = Promise.withResolvers<unknown>();
    call.onEnd((error) => {
      channel.close();
      ended.resolve(error);
    });
    const send = (...entries: OrchestratorEntryInit[]): void =>
      void call.write({ entries: entries.map((entry) => create(OrchestratorEntrySchema, entry)) });
    const versions = { min: 1, max: 1 };
    send({ entry: { case: "hello", value: { orchestratorId: "silent", versions } } });
    send({ entry: { case: "claim", value: { shard: 0, epoch: 1n } } });
    send(...dispatchEntries(90, "talk", 200 * 1024), dispatchEntry("w/s/1/1", "wait"));
    const read = (until: (frame: SessionResponse) => boolean) =>
      new Promise<void>((resolve) =>
        call.onMessage((frame) => {
          frames.push(frame);
          if (until(frame)) resolve();
        }),
      );
    return { send, read, frames, ended: ended.promise };
  }

  it("gets everything once it reads, but of progress and pongs only the newest", async () => {
    const { served, gate } = await serve();
    const session = await silentSession(served);
    const { progress } = await gate.started("w/s/1/1");
    for (let percent = 1; percent <= 100; percent++) {
      session.send({ entry: { case: "ping", value: { nonce: BigInt(percent) } } });
      progress(percent / 100);
      served.advance(100);
    }
    session.send(dispatchEntry("end/s/1/1", "wait"));
    await gate.started("end/s/1/1");
    gate.succeed("end/s/1/1");
    await session.read(({ entries }) =>
      entries.some(
        ({ entry }) => entry.value && "dispatchId" in entry.value && entry.value.dispatchId === "end/s/1/1",
      ),
    );
    const entries = session.frames.flatMap((frame) => frame.entries.map(({ entry }) => entry));
    expect(entries.filter((entry) => entry.case === "succeeded")).toHaveLength(91);
    expect(session.frames.every((frame) => sizeOf(frame) <= frameBytesMax)).toBe(true);
    const told = entries.flatMap((entry) => (entry.case === "progress" ? [entry.value.fraction] : []));
    expect(told.at(-1)).toBe(1);
    expect(told.length).toBeLessThanOrEqual(3);
    const pongs = entries.flatMap((entry) => (entry.case === "pong" ? [entry.value.nonce] : []));
    expect(pongs.at(-1)).toBe(100n);
    expect(pongs.length).toBeLessThanOrEqual(32);
  });

  it("is cut when too much gathers, and its results are kept", async () => {
    const { served, gate } = await serve();
    const session = await silentSession(served);
    await gate.started("w/s/1/1");
    for (let batch = 0; batch < 20; batch++) session.send(...dispatchEntries(1_000, "unknown"));
    expect((await served.logged("orchestrator disconnected")).fields).toMatchObject({
      why: "the orchestrator does not read what it is sent",
    });
    void session.read(() => false);
    expect(await session.ended).toMatchObject({ code: Code.RESOURCE_EXHAUSTED });
    const again = await served.connect({ cluster: "", epoch: 1n });
    expect(again.inFlight.finished).toHaveLength(90);
    expect(again.inFlight.running).toEqual(["w/s/1/1"]);
  });
});

it("writes one chunk in a turn, and before the next what came up meanwhile", async () => {
  const frames: SessionResponse[] = [];
  const stream = { write: (frame: SessionResponse) => frames.push(frame) > 0, onDrain() {}, end() {} };
  const outbox = new Outbox(stream, () => {});
  outbox.agree({ chunks: true, credit: false, ping: false });
  const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
  outbox.result("large/s/1/1", succeeded(Buffer.alloc(3 * chunkBytesMax)));
  outbox.flush();
  outbox.flush();
  outbox.result("small/s/1/1", succeeded(Buffer.alloc(1)));
  outbox.pong(1n);
  outbox.flush();
  for (let turns = 0; turns < 3; turns++) await nextTurn();
  expect(frames.map((frame) => casesOf([frame]))).toEqual([
    ["chunk"],
    ["pong", "succeeded"],
    ["chunk"],
    ["chunk", "succeeded"],
  ]);
});
