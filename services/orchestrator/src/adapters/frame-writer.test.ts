import type { OrchestratorEntry, SessionRequest } from "@weft/proto/weft/agent/v1/agent_pb";
import { describe, expect, it } from "vitest";
import { FrameWriter } from "./frame-writer.ts";

type Entry = OrchestratorEntry["entry"];

/** A stream that a test blocks and drains by hand, and what was written to it. */
function writer() {
  const frames: string[][] = [];
  let isBlocked = false;
  let drained = (): void => {};
  const stream = {
    write({ entries }: SessionRequest): boolean {
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
    writer: new FrameWriter(stream, (ids) => ackOf(ids)),
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

function dispatchOf(dispatchId: string, inputBytes = 1): Entry {
  return {
    case: "dispatch",
    value: {
      $typeName: "weft.agent.v1.Dispatch",
      dispatchId,
      shard: 0,
      epoch: 1n,
      capability: "work",
      namespace: "n",
      workflow: "w",
      input: new Uint8Array(inputBytes),
      timeLeftMs: 0n,
      chunkedBytes: 0,
    },
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

const ping: Entry = { case: "ping", value: { $typeName: "weft.agent.v1.Ping", nonce: 1n } };
const turn = () => new Promise<void>((resolve) => queueMicrotask(resolve));

describe("a frame", () => {
  it("takes all that one turn asks for, what is urgent first", async () => {
    const { writer: given, frames } = writer();
    given.dispatch(dispatchOf("a"));
    given.ack("x");
    given.ack("y");
    given.about("z", cancelOf("z"));
    await turn();
    expect(frames).toEqual([["cancel z", "ack x,y", "dispatch a"]]);
  });

  it("ends where the next entry would make it too large; one that is larger goes alone", async () => {
    const { writer: given, frames } = writer();
    for (const id of ["a", "b", "c"]) given.dispatch(dispatchOf(id, 130 * 1024));
    given.dispatch(dispatchOf("large", 300 * 1024));
    await turn();
    expect(frames).toEqual([["dispatch a"], ["dispatch b"], ["dispatch c"], ["dispatch large"]]);
  });
});

describe("what is about a dispatch", () => {
  it("goes behind it while it waits here, since the agent would not know it yet", async () => {
    const { writer: given, frames } = writer();
    given.dispatch(dispatchOf("a"));
    given.about("a", extendOf("a", 0n));
    given.about("a", cancelOf("a"));
    given.urgent(ping);
    await turn();
    expect(frames).toEqual([["ping", "dispatch a", "extend a 0", "cancel a"]]);
  });

  it("goes first once the dispatch has left", async () => {
    const { writer: given, frames } = writer();
    given.dispatch(dispatchOf("a"));
    await turn();
    given.dispatch(dispatchOf("b"));
    given.about("a", extendOf("a", 0n));
    await turn();
    expect(frames).toEqual([["dispatch a"], ["extend a 0", "dispatch b"]]);
  });
});

describe("a stream that is not taken up", () => {
  it("gets nothing until it drains, and then everything in its order", async () => {
    const { writer: given, frames, block, drain } = writer();
    block();
    given.dispatch(dispatchOf("a"));
    await turn();
    given.about("a", extendOf("a", 0n));
    given.about("a", extendOf("a", 500n));
    given.dispatch(dispatchOf("b"));
    await turn();
    expect(frames).toEqual([["dispatch a"]]);
    drain();
    expect(frames.slice(1)).toEqual([["extend a 0", "extend a 500", "dispatch b"]]);
  });

  it("keeps urgent entries that were left over before those that came later", async () => {
    const { writer: given, frames, block, drain } = writer();
    block();
    given.dispatch(dispatchOf("a"));
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
