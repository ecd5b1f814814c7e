import { toBinary } from "@bufbuild/protobuf";
import {
  type Dispatch,
  type OrchestratorEntry,
  type SessionRequest,
  SessionRequestSchema,
} from "@weft/proto/weft/agent/v1/agent_pb";
import { chunkBytesMax } from "@weft/runtime/payload-chunks";
import { Allowance } from "@weft/runtime/payload-credit";
import { describe, expect, it } from "vitest";
import { FrameWriter, frameBytesMax } from "./frame-writer.ts";

type Entry = OrchestratorEntry["entry"];

/** A stream that a test blocks and drains by hand, and what was written to it. */
function writer({ chunks = false, credit = false } = {}) {
  const frames: string[][] = [];
  const sizes: number[] = [];
  const allowance = new Allowance(credit);
  let isBlocked = false;
  let drained = (): void => {};
  const stream = {
    write(request: SessionRequest): boolean {
      const { entries } = request;
      sizes.push(toBinary(SessionRequestSchema, request).byteLength);
      frames.push(entries.map(({ entry }) => nameOf(entry)));
      return !isBlocked;
    },
    onDrain(run: () => void): void {
      drained = run;
    },
    end() {},
  };
  return {
    frames,
    sizes,
    allowance,
    writer: new FrameWriter(stream, { ackOf, chunks, allowance }),
    block: () => {
      isBlocked = true;
    },
    drain: () => {
      isBlocked = false;
      drained();
    },
  };
}

function nameOf(entry: Entry): string {
  if (entry.case === "chunk") return `chunk ${entry.value.dispatchId} ${entry.value.offset / chunkBytesMax}`;
  if (entry.case === "dispatch" || entry.case === "cancel") return `${entry.case} ${entry.value.dispatchId}`;
  if (entry.case === "extend") return `extend ${entry.value.dispatchId} ${entry.value.timeLeftMs}`;
  return entry.case === "resultAck" ? `ack ${entry.value.dispatchIds.join(",")}` : String(entry.case);
}

function ackOf(dispatchIds: string[]): Entry {
  return {
    case: "resultAck",
    value: { $typeName: "weft.agent.v1.ResultAck", shard: 0, epoch: 1n, dispatchIds },
  };
}

function dispatchOf(dispatchId: string): Dispatch {
  return {
    $typeName: "weft.agent.v1.Dispatch",
    dispatchId,
    shard: 0,
    epoch: 1n,
    capability: "work",
    namespace: "n",
    workflow: "w",
    input: new Uint8Array(),
    timeLeftMs: 0n,
    chunkedBytes: 0,
    traceparent: "",
    tracestate: "",
  };
}

function extendOf(dispatchId: string, timeLeftMs: bigint): Entry {
  const value = { $typeName: "weft.agent.v1.Extend", dispatchId, shard: 0, epoch: 1n, timeLeftMs } as const;
  return { case: "extend", value };
}

function cancelOf(dispatchId: string): Entry {
  const value = { $typeName: "weft.agent.v1.Cancel", dispatchId, shard: 0, epoch: 1n, reason: "" } as const;
  return { case: "cancel", value };
}

const textOf = (bytes: number) => "x".repeat(bytes);
const ping: Entry = { case: "ping", value: { $typeName: "weft.agent.v1.Ping", nonce: 1n } };
const turn = () => new Promise<void>((resolve) => queueMicrotask(resolve));
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a frame", () => {
  it("takes all that one turn asks for, what is urgent first", async () => {
    const { writer: given, frames } = writer();
    given.dispatch(dispatchOf("a"), "1");
    given.ack("x");
    given.ack("y");
    given.about("z", cancelOf("z"));
    await turn();
    expect(frames).toEqual([["cancel z", "ack x,y", "dispatch a"]]);
  });

  it("ends where the next entry would make it too large; one that is larger goes alone", async () => {
    const { writer: given, frames } = writer();
    for (const id of ["a", "b", "c"]) given.dispatch(dispatchOf(id), textOf(130 * 1024));
    given.dispatch(dispatchOf("large"), textOf(300 * 1024));
    await turn();
    expect(frames).toEqual([["dispatch a"], ["dispatch b"], ["dispatch c"], ["dispatch large"]]);
  });
});

describe("what is about a dispatch", () => {
  it("goes behind it while it waits here, since the agent would not know it yet", async () => {
    const { writer: given, frames } = writer();
    given.dispatch(dispatchOf("a"), "1");
    given.about("a", extendOf("a", 0n));
    given.about("a", cancelOf("a"));
    given.urgent(ping);
    await turn();
    expect(frames).toEqual([["ping", "dispatch a", "extend a 0", "cancel a"]]);
  });

  it("goes first once the dispatch has left", async () => {
    const { writer: given, frames } = writer();
    given.dispatch(dispatchOf("a"), "1");
    await turn();
    given.dispatch(dispatchOf("b"), "1");
    given.about("a", extendOf("a", 0n));
    await turn();
    expect(frames).toEqual([["dispatch a"], ["extend a 0", "dispatch b"]]);
  });
});

describe("a stream that is not taken up", () => {
  it("gets nothing until it drains, and then everything in its order", async () => {
    const { writer: given, frames, block, drain } = writer();
    block();
    given.dispatch(dispatchOf("a"), "1");
    await turn();
    given.about("a", extendOf("a", 0n));
    given.about("a", extendOf("a", 500n));
    given.dispatch(dispatchOf("b"), "1");
    await turn();
    expect(frames).toEqual([["dispatch a"]]);
    drain();
    expect(frames.slice(1)).toEqual([["extend a 0", "extend a 500", "dispatch b"]]);
  });

  it("keeps urgent entries that were left over before those that came later", async () => {
    const { writer: given, frames, block, drain } = writer();
    block();
    given.dispatch(dispatchOf("a"), "1");
    await turn();
    const many = Array.from({ length: 1_025 }, (_, index) => `e${index}`);
    for (const id of many) given.about(id, extendOf(id, 0n));
    drain();
    expect(frames.slice(1).map((names) => names.length)).toEqual([1_024, 1]);

    block();
    for (const id of many) given.about(id, extendOf(id, 0n));
    await turn();
    given.about("e1024", extendOf("e1024", 500n));
    drain();
    expect(frames.at(-1)).toEqual(["extend e1024 0", "extend e1024 500"]);
  });
});

describe("a large input", () => {
  const mib = 1024 * 1024;
  const chunksOf = (id: string, from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => [`chunk ${id} ${from + index}`]);

  it("goes ahead of its dispatch, a chunk in a turn, with what is small and urgent in between", async () => {
    const { writer: given, frames, sizes } = writer({ chunks: true });
    given.dispatch(dispatchOf("a"), textOf(4 * chunkBytesMax));
    given.dispatch(dispatchOf("small"), textOf(100));
    await turn();
    given.urgent(ping);
    given.about("other", cancelOf("other"));
    await turn();
    for (let turns = 0; turns < 4; turns++) await nextTurn();
    expect(frames).toEqual([
      ["chunk a 0", "dispatch small"],
      ["ping", "cancel other"],
      ["chunk a 1"],
      ["chunk a 2"],
      ["chunk a 3", "dispatch a"],
    ]);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(frameBytesMax);
  });

  it("keeps what is about its dispatch behind it", async () => {
    const { writer: given, frames } = writer({ chunks: true });
    given.dispatch(dispatchOf("a"), textOf(2 * chunkBytesMax));
    given.about("a", extendOf("a", 0n));
    await turn();
    given.about("a", cancelOf("a"));
    await nextTurn();
    expect(frames).toEqual([["chunk a 0"], ["chunk a 1", "dispatch a"], ["extend a 0", "cancel a"]]);
  });

  it("stops where the credit ends, and so does every dispatch, but nothing else", async () => {
    const { writer: given, frames, allowance } = writer({ chunks: true, credit: true });
    allowance.grant(chunkBytesMax + 1);
    given.dispatch(dispatchOf("a"), textOf(2 * chunkBytesMax));
    given.dispatch(dispatchOf("b"), "1");
    given.dispatch(dispatchOf("c"), "1");
    await turn();
    await nextTurn();
    given.about("c", cancelOf("c"));
    given.urgent(ping);
    given.ack("x");
    await turn();
    expect(frames).toEqual([
      ["chunk a 0", "dispatch b"],
      ["ping", "ack x"],
    ]);
    allowance.grant(chunkBytesMax + 1);
    given.resume();
    await turn();
    expect(frames.slice(2)).toEqual([["chunk a 1", "dispatch a", "dispatch c", "cancel c"]]);
  });

  it("is one of 20 that go at once within the credit, one after the other", async () => {
    const { writer: given, frames, allowance } = writer({ chunks: true, credit: true });
    for (let index = 0; index < 20; index++) given.dispatch(dispatchOf(`d${index}`), textOf(mib));
    for (let index = 0; index < 20; index++) {
      allowance.grant(mib);
      given.resume();
      for (let turns = 0; turns < 17; turns++) await nextTurn();
      const sent = frames.splice(0);
      expect(sent.slice(0, 15)).toEqual(chunksOf(`d${index}`, 0, 15));
      expect(sent.slice(15)).toEqual([[`chunk d${index} 15`, `dispatch d${index}`]]);
    }
  });

  it("counts bytes, not characters", async () => {
    const { writer: given, frames } = writer({ chunks: true });
    given.dispatch(dispatchOf("a"), "é".repeat(chunkBytesMax / 2));
    given.dispatch(dispatchOf("b"), `${"é".repeat(chunkBytesMax / 2)}x`);
    await turn();
    await nextTurn();
    expect(frames).toEqual([
      ["chunk b 0", "dispatch a"],
      ["chunk b 1", "dispatch b"],
    ]);
  });
});

describe("many acks", () => {
  it("go before any chunk", async () => {
    const { writer: given, frames } = writer({ chunks: true });
    given.dispatch(dispatchOf("a"), textOf(2 * chunkBytesMax));
    for (let index = 0; index < 2_000; index++) given.ack("x");
    await turn();
    expect(frames.map((names) => names.map((name) => name.split(" ")[0]))).toEqual([
      ["ack"],
      ["ack", "chunk"],
    ]);
  });

  it("go in entries that fit into frames", async () => {
    const { writer: given, frames, sizes } = writer();
    const id = `${"e".repeat(40)}/${"s".repeat(63)}/100/100`;
    for (let index = 0; index < 5_000; index++) given.ack(id);
    await turn();
    expect(frames.flat()).toHaveLength(5);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(frameBytesMax);
  });
});
