import { beforeEach, describe, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import type { Event, RecordedEvent } from "../core/event.ts";
import { encodeEvent } from "../core/event-codec.ts";
import { blankExecution } from "../core/execution.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import { ExecutionWatch } from "./execution-watch.ts";
import { turn } from "./hand-store.fixture.ts";
import type { ExecutionRow, Store } from "./store.ts";
import { WatchHub } from "./watch-hub.ts";

const executionId = "e";
const execution = blankExecution(executionId, testWorkflow({ steps: [{ id: "a" }] }));
const row: ExecutionRow = {
  executionId,
  shard: 0,
  namespace: "default",
  workflow: "w",
  version: 1,
  status: "RUNNING",
  labels: {},
  createdBy: "ada",
  requestId: null,
  requestDigest: null,
  startedAtMs: 1,
  endedAtMs: null,
  wakeAtMs: null,
};

/** A gate that answers pass through. What they say was read before they came to it. */
class Gate {
  #isShut = false;
  #waiting: (() => void)[] = [];

  shut(): void {
    this.#isShut = true;
  }

  async open(): Promise<void> {
    this.#isShut = false;
    for (const pass of this.#waiting.splice(0)) pass();
    await turn();
  }

  pass = async <T>(answer: Promise<T>): Promise<T> => {
    const read = await answer;
    if (this.#isShut) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return read;
  };
}

let hub: WatchHub;
let inner: Store;
let store: Store;
let pages: Gate;
let rows: Gate;
/** How far the log is. */
let sequence: number;
/** What reached the reader, in order: sequences, progress, and how it ended. */
let heard: (number | string)[];
let hasRoom: boolean;

beforeEach(async () => {
  hub = new WatchHub();
  inner = openMemoryStore();
  pages = new Gate();
  rows = new Gate();
  store = {
    ...inner,
    readEvents: (...asked) => pages.pass(inner.readEvents(...asked)),
    getExecution: (...asked) => rows.pass(inner.getExecution(...asked)),
  };
  sequence = 0;
  heard = [];
  hasRoom = true;
  await inner.takeOwnership(0);
  await commit([], [row]);
});

async function commit(
  events: readonly RecordedEvent[],
  started: readonly ExecutionRow[] = [],
): Promise<void> {
  const isEnd = events.at(-1)?.event.kind === "execution.succeeded";
  const outcome = await inner.commit({
    shard: 0,
    epoch: 1,
    events: events.map((recorded) => {
      const { event, ...place } = recorded;
      return { ...place, position: place.sequence, executionId, ...encodeEvent(event) };
    }),
    started,
    changed: [],
    ended: isEnd ? [{ executionId, status: "SUCCEEDED", endedAtMs: 9 }] : [],
    snapshots: [],
  });
  expect(outcome.kind).toBe("committed");
}

/** So many more events are durable; gives what publishes them, as one. */
async function becomeDurable(count: number, last: Event = { kind: "step.queued", step: "a" }) {
  const events = Array.from({ length: count }, (_, index): RecordedEvent => {
    const event: Event = index === count - 1 ? last : { kind: "step.queued", step: "a" };
    return { sequence: ++sequence, timeMs: 5, event };
  });
  await commit(events);
  return () => hub.publish({ execution, events, firstPosition: events[0]!.sequence });
}

async function happen(count = 1, last?: Event): Promise<void> {
  const publish = await becomeDurable(count, last);
  publish();
}

function end(): Promise<void> {
  return happen(1, { kind: "execution.succeeded", payload: { text: "1" } });
}

function watch(afterSequence = 0): ExecutionWatch {
  return new ExecutionWatch(
    { store, hub },
    { namespace: "default", executionId, afterSequence },
    {
      send: (events) => {
        heard.push(...events.map((event) => event.sequence));
        expect(events.every(({ position, sequence: own }) => position === own)).toBe(true);
        return hasRoom;
      },
      progress: ({ step, fraction }) => void heard.push(`${step} ${fraction}`),
      finish: () => void heard.push("finished"),
      interrupt: () => void heard.push("interrupted"),
      fail: (error) => void heard.push(`failed: ${String(error)}`),
    },
  );
}

const progress = { step: "a", fraction: 0.5, message: "", timeMs: 5 };

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

describe("a watch", () => {
  it("tells what was, then what happens, and ends with the execution", async () => {
    await happen(3);
    watch();
    await turn();
    expect(heard).toEqual([1, 2, 3]);
    await happen(2);
    await end();
    expect(heard).toEqual([1, 2, 3, 4, 5, 6, "finished"]);
  });

  it("reads a long history page by page", async () => {
    await happen(1_200);
    await end();
    watch();
    await turn();
    expect(heard).toEqual([...numbers(1, 1_201), "finished"]);
  });

  it("goes on after the sequence that the reader saw last", async () => {
    await happen(4);
    watch(2);
    await turn();
    await end();
    expect(heard).toEqual([3, 4, 5, "finished"]);
  });

  it("has no gap where history and the present meet", async () => {
    await happen(2);
    pages.shut();
    watch();
    await turn();
    await happen();
    await happen();
    await pages.open();
    await happen();
    expect(heard).toEqual([1, 2, 3, 4, 5]);
  });

  it("has no gap when something happens while it asks whether the execution has ended", async () => {
    await happen(2);
    rows.shut();
    watch(2);
    await turn();
    await happen();
    await rows.open();
    await happen();
    expect(heard).toEqual([3, 4]);
  });

  it("hears of an end that comes while it asks whether the execution has ended", async () => {
    await happen(2);
    rows.shut();
    watch(2);
    await turn();
    await end();
    await rows.open();
    expect(heard).toEqual([3, "finished"]);
  });

  it("sends the end also when it is durable, and not published yet, while it asks", async () => {
    await happen(2);
    pages.shut();
    watch(2);
    await turn();
    const publish = await becomeDurable(1, { kind: "execution.succeeded", payload: { text: "1" } });
    await pages.open();
    publish();
    expect(heard).toEqual([3, "finished"]);
  });

  it("of an execution that has ended ends at once when the reader has seen it all", async () => {
    await happen(2);
    await end();
    watch(3);
    await turn();
    expect(heard).toEqual(["finished"]);
  });

  it("tells nothing more once it is stopped, not even the page that is being read", async () => {
    await happen(2);
    pages.shut();
    const watching = watch();
    await turn();
    watching.stop();
    await pages.open();
    await end();
    hub.progress(executionId, progress);
    watching.resume();
    await turn();
    expect(heard).toEqual([]);
  });

  it("is interrupted once when the orchestrator stops", async () => {
    await happen();
    watch();
    await turn();
    hub.close();
    hub.close();
    await end();
    expect(heard).toEqual([1, "interrupted"]);
  });

  it("fails when the log cannot be read", async () => {
    store = { ...store, readEvents: () => Promise.reject(new Error("no disk")) };
    watch();
    await turn();
    await end();
    expect(heard).toEqual(["failed: Error: no disk"]);
  });
});

describe("a slow reader", () => {
  it("gets nothing until it has room again, then everything it missed, from the log", async () => {
    await happen(2);
    hasRoom = false;
    const watching = watch();
    await turn();
    await happen(3);
    expect(heard).toEqual([1, 2]);
    hasRoom = true;
    watching.resume();
    await turn();
    await happen();
    expect(heard).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("may fall behind in the present, and catch up", async () => {
    const watching = watch();
    await turn();
    hasRoom = false;
    await happen();
    await happen(700);
    await end();
    expect(heard).toEqual([1]);
    hasRoom = true;
    watching.resume();
    await turn();
    expect(heard).toEqual([...numbers(1, 702), "finished"]);
  });

  it("is asked after every page", async () => {
    await happen(1_100);
    hasRoom = false;
    const watching = watch();
    const seen: number[] = [];
    for (let page = 0; page < 3; page++) {
      await turn();
      seen.push(heard.length);
      watching.resume();
    }
    expect(seen).toEqual([500, 1_000, 1_100]);
  });

  it("is told nothing twice when it has room and nothing was held back", async () => {
    await happen(2);
    const watching = watch();
    await turn();
    const publish = await becomeDurable(1);
    pages.shut();
    watching.resume();
    publish();
    await pages.open();
    await happen();
    expect(heard).toEqual([1, 2, 3, 4]);
  });

  it("is told nothing twice when it has room while a page is being read", async () => {
    await happen(2);
    pages.shut();
    const watching = watch();
    await turn();
    watching.resume();
    await pages.open();
    expect(heard).toEqual([1, 2]);
  });
});

describe("progress", () => {
  it("reaches readers that keep up, and is never kept for others", async () => {
    await happen();
    hasRoom = false;
    const watching = watch();
    await turn();
    hub.progress(executionId, progress);
    hasRoom = true;
    watching.resume();
    await turn();
    hub.progress(executionId, { ...progress, fraction: 0.75 });
    hub.progress("another", progress);
    expect(heard).toEqual([1, "a 0.75"]);
  });
});
