import { beforeEach, describe, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import { turn } from "./hand-store.fixture.ts";
import type { RoutedEvent } from "./log-feed.ts";
import { LogStream } from "./log-stream.ts";
import { type Mesh, openMesh } from "./mesh.fixture.ts";

const workflow = testWorkflow({ steps: [{ id: "a", capability: "x.y", timeout: "7s" }], timeout: "1h" });

let mesh: Mesh;
let heard: RoutedEvent[];
/** How it went, beside events: heads of empty messages, and the end. */
let asides: (number | string)[];
let hasRoom: boolean;

beforeEach(async () => {
  mesh = await openMesh(openMemoryStore());
  heard = [];
  asides = [];
  hasRoom = true;
});

function stream(afterPosition: number, follow: boolean): LogStream {
  return new LogStream(
    mesh.shard.feed,
    { afterPosition, follow },
    {
      send(events, headPosition) {
        if (events.length === 0) asides.push(headPosition);
        heard.push(...events);
        return hasRoom;
      },
      finish: () => asides.push("finished"),
      interrupt: () => asides.push("interrupted"),
      fail: (error) => asides.push(String(error)),
    },
  );
}

function positions(): readonly number[] {
  return heard.map(({ position }) => position);
}

async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await turn();
}

describe("a stream of the log", () => {
  it("ends at the head, each event once and in order", async () => {
    await mesh.started(workflow);
    await mesh.started(workflow);
    stream(1, false);
    await settle();
    expect(positions()).toEqual([2, 3, 4]);
    expect(asides).toEqual(["finished"]);
  });

  it("tells who, what and how long, of executions in memory and of others", async () => {
    await mesh.started(workflow);
    const [before] = [mesh.shard.feed];
    const next = await openMesh(mesh.hand.store);
    for (const feed of [before, next.shard.feed])
      expect(
        (await feed.read(0)).map(({ kind, timeoutMs, capability, ...rest }) => ({
          kind,
          timeoutMs,
          capability,
          workflow: rest.workflow,
          namespace: rest.namespace,
          version: rest.version,
        })),
      ).toEqual([
        {
          kind: "execution.started",
          timeoutMs: 3_600_000,
          capability: undefined,
          workflow: "w",
          namespace: "default",
          version: 1,
        },
        {
          kind: "step.queued",
          timeoutMs: undefined,
          capability: "x.y",
          workflow: "w",
          namespace: "default",
          version: 1,
        },
      ]);
  });

  it("that follows says where the head is, and goes on with what becomes durable", async () => {
    stream(0, true);
    expect(asides).toEqual([0]);
    mesh.start(workflow);
    await settle();
    expect(heard).toEqual([]);
    await mesh.hand.commitAll();
    await settle();
    expect(positions()).toEqual([1, 2]);
    await mesh.started(workflow);
    await settle();
    expect(positions()).toEqual([1, 2, 3, 4]);
  });

  it("waits for a reader that has no room, and reads on from there", async () => {
    await mesh.started(workflow);
    hasRoom = false;
    const slow = stream(0, true);
    await settle();
    await mesh.started(workflow);
    await settle();
    expect(positions()).toEqual([1, 2]);
    slow.resume();
    await settle();
    expect(positions()).toEqual([1, 2, 3, 4]);
  });

  it("is interrupted when the orchestrator stops, and sends nothing any more", async () => {
    stream(0, true);
    mesh.shard.hub.close();
    await mesh.started(workflow);
    await settle();
    expect([heard, asides]).toEqual([[], [0, "interrupted"]]);
  });
});
