import { toBinary } from "@bufbuild/protobuf";
import { SessionResponseSchema } from "@weft/proto/weft/agent/v1/agent_pb";
import { chunkAt, chunkBytesMax } from "@weft/runtime/payload-chunks";
import { creditWindowBytes } from "@weft/runtime/payload-credit";
import { afterEach, describe, expect, it } from "vitest";
import { defineAgent } from "../define-agent.ts";
import { unchecked } from "../schema.ts";
import {
  gatedCapability,
  type OrchestratorEntryInit,
  startTestAgent,
  type TestAgent,
} from "../testing/index.ts";
import { frameBytesMax } from "./frame.ts";
import { type Greeting, HandOrchestrator } from "./hand-orchestrator.fixture.ts";

const mib = 1024 * 1024;
/** What Node's and HTTP/2's buffers hold of a stream, in frames of one chunk; 20 results are 320. */
const framesAheadMax = 18;

let served: TestAgent | undefined;
afterEach(() => served?.stop());

async function serve() {
  const gate = gatedCapability();
  const agent = defineAgent({
    name: "talker",
    version: "1",
    slots: 100,
    capabilities: {
      wait: gate.capability,
      talk: {
        input: unchecked<{ length: number }>(),
        output: unchecked<string>(),
        run: ({ length }) => "x".repeat(length - 2),
      },
      measure: {
        input: unchecked<string>(),
        output: unchecked<number>(),
        run: (text: string) => text.length,
      },
    },
  });
  served = await startTestAgent(agent);
  return { gate, served };
}

function dispatchEntry(dispatchId: string, capability: string, input: unknown): OrchestratorEntryInit {
  const text = Buffer.from(JSON.stringify(input));
  return { entry: { case: "dispatch", value: { dispatchId, shard: 0, epoch: 1n, capability, input: text } } };
}

function talk(count: number, length: number): OrchestratorEntryInit[] {
  return Array.from({ length: count }, (_, index) => dispatchEntry(`e${index}/s/1/1`, "talk", { length }));
}

/** Like a chunked payload's entries, as the orchestrator sends them. */
function chunked(dispatchId: string, payload: Uint8Array): OrchestratorEntryInit[] {
  const offsets = Array.from(
    { length: Math.ceil(payload.length / chunkBytesMax) },
    (_, n) => n * chunkBytesMax,
  );
  const value = { dispatchId, shard: 0, epoch: 1n, capability: "measure", chunkedBytes: payload.length };
  return [
    ...offsets.map((offset): OrchestratorEntryInit => {
      return { entry: { case: "chunk", value: chunkAt(dispatchId, payload, offset) } };
    }),
    { entry: { case: "dispatch", value } },
  ];
}

const text = (length: number): Buffer => Buffer.from(JSON.stringify("x".repeat(length - 2)));

describe("a large result", () => {
  it("travels in chunks of at most 64 KiB, one in a frame, and its success follows them", async () => {
    const { served } = await serve();
    const session = new HandOrchestrator(served.address);
    session.grant(2 * mib);
    session.send(...talk(1, mib));
    await session.until(() => session.succeeded.length > 0);
    const chunks = session.entries.flatMap((entry) => (entry.case === "chunk" ? [entry.value] : []));
    expect(chunks.map(({ offset }) => offset)).toEqual(
      Array.from({ length: 16 }, (_, n) => n * chunkBytesMax),
    );
    expect(Buffer.concat(chunks.map(({ data }) => data)).toString()).toBe(
      JSON.stringify("x".repeat(mib - 2)),
    );
    expect(session.succeeded).toMatchObject([
      { dispatchId: "e0/s/1/1", chunkedBytes: mib, output: new Uint8Array() },
    ]);
    for (const frame of session.frames) {
      expect(toBinary(SessionResponseSchema, frame).byteLength).toBeLessThanOrEqual(frameBytesMax);
      expect(frame.entries.filter(({ entry }) => entry.case === "chunk").length).toBeLessThanOrEqual(1);
    }
  });

  it("lets what is small go between its chunks", async () => {
    const { served } = await serve();
    const session = new HandOrchestrator(served.address);
    session.grant(2 * mib);
    session.send(...talk(1, mib), dispatchEntry("small/s/1/1", "talk", { length: 512 }));
    await session.until(() => session.succeeded.length === 2);
    expect(session.succeeded.map(({ dispatchId }) => dispatchId)).toEqual(["small/s/1/1", "e0/s/1/1"]);
  });

  it("does not keep a ping waiting for more than what has left already", async () => {
    const { served } = await serve();
    const session = new HandOrchestrator(served.address);
    session.grant(20 * mib);
    session.send(...talk(20, mib));
    await session.until(() => session.all("chunk").length > 0);
    const before = session.all("chunk").length;
    await session.ping();
    const last = session.frames.at(-1);
    expect(last?.entries[0]?.entry.case).toBe("pong");
    expect(session.all("chunk").length - before).toBeLessThanOrEqual(framesAheadMax);
    await session.until(() => session.succeeded.length === 20);
  });

  it("fails its step when the orchestrator says that it takes no such output", async () => {
    const { served } = await serve();
    const session = new HandOrchestrator(served.address, { payloadBytesMax: 100_000 });
    session.send(...talk(1, 100_001));
    await session.until(() => session.entries.some((entry) => entry.case === "failed"));
    expect(session.entries.at(-1)?.value).toMatchObject({
      failure: {
        reason: "PAYLOAD_TOO_LARGE",
        message: expect.stringContaining("100001 bytes"),
        retryable: false,
      },
    });
  });
});

describe("credit", () => {
  it("holds back all results that it does not reach for, and nothing else", async () => {
    const { served } = await serve();
    const session = new HandOrchestrator(served.address);
    session.send(...talk(1, 512), dispatchEntry("wait/s/1/1", "wait", {}));
    await session.ping();
    expect(session.payloadBytes).toBe(0);
    expect(session.entries.map((entry) => entry.case)).toContain("accepted");
    session.grant(511);
    await session.ping();
    expect(session.payloadBytes).toBe(0);
    session.grant(1);
    await session.until(() => session.succeeded.length === 1);
  });

  it("bounds what 20 results of 1 MiB send at once, and a ping is answered all the same", async () => {
    const { served } = await serve();
    const session = new HandOrchestrator(served.address);
    session.grant(mib);
    session.send(...talk(20, mib));
    await session.until(() => session.payloadBytes === mib);
    for (let granted = 2; granted <= 20; granted++) {
      await session.ping();
      expect(session.payloadBytes).toBe((granted - 1) * mib);
      session.grant(mib);
      await session.until(() => session.payloadBytes === granted * mib);
    }
    await session.until(() => session.succeeded.length === 20);
  });

  it("counts for nothing when it was not agreed on: payloads go whole, in frames of their own", async () => {
    const { served } = await serve();
    const session = new HandOrchestrator(served.address, { features: ["later", "credit"] });
    session.send(...talk(2, mib));
    await session.until(() => session.succeeded.length === 2);
    expect(session.granted).toBe(0);
    expect(session.succeeded.map(({ output, chunkedBytes }) => [output.length, chunkedBytes])).toEqual([
      [mib, 0],
      [mib, 0],
    ]);
  });
});

describe("a large input", () => {
  it("is put together from its chunks, and paid back", async () => {
    const { served } = await serve();
    const session = new HandOrchestrator(served.address);
    session.grant(mib);
    await session.until(() => session.granted === creditWindowBytes);
    session.send(...chunked("a/s/1/1", text(mib)));
    await session.until(() => session.granted === 2 * creditWindowBytes);
    session.send(...chunked("b/s/1/1", text(mib)));
    await session.until(() => session.succeeded.length === 2);
    expect(session.succeeded.map(({ output }) => Buffer.from(output).toString())).toEqual(
      ["a", "b"].map(() => String(mib - 2)),
    );
  });

  it.each<[string, OrchestratorEntryInit[], string, Greeting]>([
    ["has a gap", chunked("a/s/1/1", text(3 * chunkBytesMax)).toSpliced(1, 1), "CHUNK_MISPLACED", {}],
    ["ends early", chunked("a/s/1/1", text(2 * chunkBytesMax)).slice(1), "CHUNK_MISPLACED", {}],
    ["is above the limit", chunked("a/s/1/1", text(8 * mib + 1)).slice(0, 1), "PAYLOAD_TOO_LARGE", {}],
    ["goes beyond the credit", chunked("a/s/1/1", text(mib + 1)), "CREDIT_EXCEEDED", {}],
    ["was not agreed on", chunked("a/s/1/1", text(mib)), "CHUNK_MISPLACED", { features: [] }],
  ])("ends the session when it %s, and the next session goes on", async (_, entries, reason, greeting) => {
    const { served, gate } = await serve();
    const session = new HandOrchestrator(served.address, greeting);
    session.send(dispatchEntry("wait/s/1/1", "wait", {}));
    await gate.started("wait/s/1/1");
    session.send(...entries);
    expect(await session.ended).toMatchObject({ details: { reason } });
    const next = await served.connect({ cluster: "" });
    expect(next.inFlight.running).toEqual(["wait/s/1/1"]);
  });
});
