import { create } from "@bufbuild/protobuf";
import { AgentEntrySchema } from "@weft/proto/weft/agent/v1/agent_pb";
import { chunkAt, chunkBytesMax } from "@weft/runtime/payload-chunks";
import { creditWindowBytes } from "@weft/runtime/payload-credit";
import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Dispatch } from "../app/agents.ts";
import { HandAgent, TestSession } from "./hand-agent.fixture.ts";
import { heldBytesMax } from "./incoming-results.ts";
import { beatEveryMs } from "./session-pulse.ts";

const mib = 1024 * 1024;
const flow = ["chunks", "credit"];
type Welcome = ConstructorParameters<typeof HandAgent>[0];

async function connect(welcome?: Welcome, clock?: StepClock) {
  const agent = new HandAgent(welcome);
  const address = await agent.listen();
  onTestFinished(() => agent.stop());
  const test = new TestSession(address, clock);
  onTestFinished(() => test.session.close());
  return { agent, test, session: test.session };
}

async function connected(welcome?: Welcome, clock?: StepClock) {
  const both = await connect(welcome, clock);
  await both.test.connected();
  return both;
}

const textOf = (bytes: number): string => JSON.stringify("x".repeat(bytes - 2));

function dispatchOf(dispatchId: string, text = "1"): Dispatch {
  return { dispatchId, capability: "c", namespace: "n", workflow: "w", input: { text }, timeLeftMs: 500 };
}

function chunksOf(dispatchId: string, text: string) {
  const payload = Buffer.from(text);
  const count = Math.ceil(payload.length / chunkBytesMax);
  return Array.from(
    { length: count },
    (_, index) => ({ case: "chunk", value: chunkAt(dispatchId, payload, index * chunkBytesMax) }) as const,
  );
}

function successOf(dispatchId: string, chunkedBytes: number) {
  return { case: "succeeded", value: { dispatchId, chunkedBytes } } as const;
}

it("moves deadlines behind the dispatch that they are about, under its shard and epoch", async () => {
  const { agent, session } = await connected();
  session.dispatch(dispatchOf("e/s/1/1"));
  session.extend("e/s/1/1", 0);
  session.extend("e/t/1/1", 250);
  expect(await agent.entries(3)).toMatchObject([
    { case: "extend", value: { dispatchId: "e/t/1/1", timeLeftMs: 250n, shard: 3, epoch: 7n } },
    { case: "dispatch", value: { dispatchId: "e/s/1/1", timeLeftMs: 500n } },
    { case: "extend", value: { dispatchId: "e/s/1/1", timeLeftMs: 0n, shard: 3, epoch: 7n } },
  ]);
});

it("hears that an answer comes later, and acks it like a result", async () => {
  const { agent, test, session } = await connected();
  agent.say({ case: "later", value: { dispatchId: "e/s/1/1" } });
  expect(await test.facts(1)).toEqual([["deferred", "e/s/1/1"]]);
  session.ack("e/s/1/1");
  expect(await agent.entries(1)).toMatchObject([
    { case: "resultAck", value: { shard: 3, epoch: 7n, dispatchIds: ["e/s/1/1"] } },
  ]);
});

it("holds outputs to the default limit, and says so in its hello", async () => {
  const { agent, test } = await connected();
  const output = Buffer.from(textOf(mib + 1));
  agent.say({ case: "succeeded", value: { dispatchId: "e/s/1/1", output } });
  expect(await test.facts(1)).toMatchObject([["failed", "e/s/1/1", { reason: "PAYLOAD_TOO_LARGE" }]]);
  expect(agent.hellos).toMatchObject([{ payloadBytesMax: mib }]);
});

describe("a large input", () => {
  it("goes in chunks, as far as the agent's credit goes", async () => {
    const { agent, session } = await connected({ features: flow }, new StepClock());
    session.dispatch(dispatchOf("e/s/1/1", textOf(mib)));
    session.dispatch(dispatchOf("f/s/1/1"));
    session.cancel("g/s/1/1", "it is over");
    await agent.until(() => agent.all("cancel").length > 0);
    expect(agent.heard.map((entry) => entry.case)).toEqual(["credit", "cancel"]);
    agent.say({ case: "credit", value: { bytes: mib / 2 } });
    await agent.until(() => agent.all("chunk").length === 7);
    agent.say({ case: "credit", value: { bytes: mib } });
    await agent.until(() => agent.all("dispatch").length === 2);
    const chunks = agent.all("chunk").map(({ data }) => data);
    expect(Buffer.concat(chunks).toString()).toBe(textOf(mib));
    expect(agent.all("dispatch").map(({ dispatchId, chunkedBytes }) => [dispatchId, chunkedBytes])).toEqual([
      ["f/s/1/1", 0],
      ["e/s/1/1", mib],
    ]);
  });

  it("goes whole to an agent that does not know chunks", async () => {
    const { agent, session } = await connected({ features: ["credit"] });
    session.dispatch(dispatchOf("e/s/1/1", textOf(mib)));
    session.extend("e/s/1/1", 0);
    session.cancel("e/s/1/1", "it is over");
    await agent.entries(2);
    expect(agent.heard.map((entry) => entry.case)).toEqual(["dispatch", "cancel"]);
    expect(Buffer.from(agent.all("dispatch")[0]!.input).toString()).toBe(textOf(mib));
  });

  it("fails its step, and does not leave, when the agent says that it takes no such input", async () => {
    const { agent, test, session } = await connected({ features: flow, payloadBytesMax: 99 });
    session.dispatch(dispatchOf("e/s/1/1", textOf(100)));
    session.dispatch(dispatchOf("f/s/1/1", textOf(99)));
    expect(await test.facts(1)).toMatchObject([
      ["failed", "e/s/1/1", { reason: "PAYLOAD_TOO_LARGE", message: expect.stringContaining("100 bytes") }],
    ]);
    agent.say({ case: "credit", value: { bytes: mib } });
    await agent.until(() => agent.all("dispatch").length > 0);
    expect(agent.all("dispatch").map(({ dispatchId }) => dispatchId)).toEqual(["f/s/1/1"]);
  });
});

describe("a large result", () => {
  it("is put together from its chunks", async () => {
    const { agent, test } = await connected({ features: flow });
    await agent.until(() => agent.granted === creditWindowBytes);
    agent.say(...chunksOf("e/s/1/1", textOf(mib)));
    agent.say({ case: "progress", value: { dispatchId: "f/s/1/1" } }, successOf("e/s/1/1", mib));
    expect(await test.facts(2)).toEqual([
      ["progressed", "f/s/1/1", 0, ""],
      ["succeeded", "e/s/1/1", { text: textOf(mib) }],
    ]);
  });

  it("is one of 20 that stay within the credit: while 4 MiB wait to be durable, none is given", async () => {
    const { agent, test, session } = await connected({ features: flow }, new StepClock());
    const waiting = Array.from({ length: 20 }, (_, index) => `e${index}/s/1/1`).flatMap((id) => [
      ...chunksOf(id, textOf(mib)),
      successOf(id, mib),
    ]);
    const succeeded = (): number => test.told.filter(([name]) => name === "succeeded").length;
    let sentBytes = 0;
    const bytesOf = (entry: (typeof waiting)[number] | undefined): number =>
      entry?.case === "chunk" ? entry.value.data.byteLength : 0;
    /** Sends until there is no credit left, although everything that was sent has been heard. */
    const sendAll = async (): Promise<void> => {
      for (let before = -1; before < sentBytes; ) {
        before = sentBytes;
        while (waiting.length > 0 && sentBytes + bytesOf(waiting[0]) <= agent.granted) {
          sentBytes += bytesOf(waiting[0]);
          agent.say(waiting.shift()!);
        }
        await agent.ping();
      }
    };
    await sendAll();
    for (let acked = 0; acked < 20; acked++) {
      expect(sentBytes - acked * mib).toBeLessThanOrEqual(heldBytesMax + creditWindowBytes);
      const { granted } = agent;
      session.ack(`e${acked}/s/1/1`);
      const heldBytes = (succeeded() - acked - 1) * mib;
      // By the ack alone: the agent says nothing meanwhile.
      if (heldBytes < heldBytesMax && waiting.length > 0) await agent.until(() => agent.granted > granted);
      await sendAll();
    }
    expect(succeeded()).toBe(20);
  });
});

describe("a breach", () => {
  const [first, second] = chunksOf("e/s/1/1", textOf(2 * chunkBytesMax));
  const tooLarge = { ...first!, value: { ...first!.value, totalBytes: mib + 1 } };
  const output = Buffer.from(textOf(creditWindowBytes + 1));
  type Entries = Parameters<HandAgent["say"]>;
  it.each<[string, Entries]>([
    ["CHUNK_MISPLACED", [second!]],
    ["CHUNK_MISPLACED", [first!, successOf("e/s/1/1", chunkBytesMax)]],
    ["PAYLOAD_TOO_LARGE", [tooLarge]],
    ["CREDIT_EXCEEDED", [{ case: "succeeded", value: { dispatchId: "e/s/1/1", output } }]],
  ])("ends the session, tells operators why (%s), and the next session goes on", async (reason, entries) => {
    const clock = new StepClock();
    const { agent, test } = await connected({ features: flow }, clock);
    agent.say(...entries, { case: "draining", value: {} }, { case: "welcome", value: {} });
    expect(await test.facts(1)).toEqual([["disconnected"]]);
    expect(test.logged).toMatchObject([{ agentId: "a1", reason }, { agentId: "a1" }]);
    clock.advance(2_000);
    await test.connected(2);
    agent.say({ case: "load", value: { slots: 5 } });
    expect((await test.facts(2)).at(-1)).toEqual([
      "loadChanged",
      { slots: 5, busyElsewhere: 0, otherOrchestrators: 0 },
    ]);
  });

  it("is a version that this side does not speak", async () => {
    const { test } = await connect({ version: 2 }, new StepClock());
    await test.until(() => test.logged.length > 0);
    expect(test.logged[0]).toMatchObject({ reason: "VERSION_UNKNOWN" });
    expect(test.told).toEqual([]);
  });
});

describe("pings", () => {
  it("are answered before what is not urgent", async () => {
    const { agent, session } = await connected({ features: flow });
    session.dispatch(dispatchOf("e/s/1/1", textOf(mib)));
    agent.say({ case: "ping", value: { nonce: 7n } });
    await agent.until(() => agent.all("pong").length > 0);
    expect(agent.all("pong")).toMatchObject([{ nonce: 7n }]);
  });

  it("go out all the time; an agent that leaves three in a row without a word is silent until it speaks", async () => {
    const clock = new StepClock();
    const { agent, test } = await connected({}, clock);
    clock.advance(2 * beatEveryMs);
    await agent.until(() => agent.pings === 3);
    agent.say({ case: "load", value: { slots: 2 } });
    await test.facts(1);
    clock.advance(2 * beatEveryMs);
    expect(await test.facts(1)).toHaveLength(1);
    clock.advance(beatEveryMs);
    expect((await test.facts(2)).at(-1)).toEqual(["silenceChanged", true]);
    clock.advance(60_000);
    agent.say({ case: "load", value: { slots: 2 } });
    expect((await test.facts(4)).slice(2)).toEqual([
      ["silenceChanged", false],
      ["loadChanged", { slots: 2, busyElsewhere: 0, otherOrchestrators: 0 }],
    ]);
  });
});

describe("an entry of a newer agent", () => {
  const unknownEntry = (no: number, mustUnderstand: boolean) => ({
    ...create(AgentEntrySchema, { mustUnderstand }),
    $unknown: [{ no, wireType: 2, data: new Uint8Array([0]) }],
  });

  it("is refused when it must be understood, and passed over otherwise", async () => {
    const { agent, test } = await connected();
    agent.sayRaw(unknownEntry(98, false), unknownEntry(99, true));
    await agent.entries(1);
    agent.say({ case: "load", value: { slots: 5 } });
    expect(await test.facts(1)).toEqual([
      ["loadChanged", { slots: 5, busyElsewhere: 0, otherOrchestrators: 0 }],
    ]);
    expect(agent.heard).toMatchObject([
      { case: "unsupported", value: { message: "protocol version 1 has no such entry (field 99)" } },
    ]);
  });

  it("is told to operators when the agent has not understood this side", async () => {
    const { agent, test } = await connected();
    agent.say({ case: "unsupported", value: { message: "no such entry" } });
    await test.until(() => test.logged.length > 0);
    expect(test.logged).toEqual([{ agentId: "a1", answer: "no such entry" }]);
  });
});
