import type { EventPublisher, Publication, PublishOutcome } from "@weft/runtime/event-bus";
import { silentLogger } from "@weft/runtime/logger";
import { StepClock } from "@weft/runtime/step-clock";
import { beforeEach, describe, expect, it } from "vitest";
import type { RelayOutcome } from "../metrics.ts";
import { turn } from "./hand-store.fixture.ts";
import type { LogFollower, RoutedEvent } from "./log-feed.ts";
import { Relay, type RelayForm } from "./relay.ts";

const startMs = 1_750_000_000_000;

function routed(position: number): RoutedEvent {
  return {
    position,
    executionId: "e",
    sequence: position,
    timeMs: startMs + position,
    kind: "step.queued",
    schemaVersion: 1,
    digest: null,
    event: { kind: "step.queued", step: "a" },
    namespace: "default",
    workflow: "w",
    version: 1,
    capability: "x",
    timeoutMs: undefined,
  };
}

function publicationOf(position: number, extensions: Readonly<Record<string, string>>): Publication {
  const event = { id: String(position), source: "s", type: "t", subject: "e", timeMs: 0, extensions };
  return { channel: "c", publicationId: String(position), event: { ...event, data: Buffer.from("{}") } };
}

/** A log that grows at will. */
class Log {
  headPosition = 0;
  reads = 0;
  failures = 0;
  #follower: LogFollower | undefined;

  async read(after: number): Promise<readonly RoutedEvent[]> {
    this.reads++;
    if (this.failures > 0) {
      this.failures--;
      throw new Error("the reader is gone");
    }
    const count = Math.min(500, this.headPosition - after);
    return Array.from({ length: count }, (_, index) => routed(after + index + 1));
  }

  follow(follower: LogFollower): () => void {
    this.#follower = follower;
    return () => {
      this.#follower = undefined;
    };
  }

  grow(events: number): void {
    this.headPosition += events;
    this.#follower?.grown();
  }
}

/** A bus that answers by hand, or as `verdict` says. */
class Bus implements EventPublisher {
  isConnected = true;
  verdict: ((publication: Publication) => PublishOutcome) | undefined = () => ({ kind: "taken" });
  readonly published: string[] = [];
  readonly waiting: ((outcome: PublishOutcome) => void)[] = [];

  publish(publication: Publication): Promise<PublishOutcome> {
    const { id, extensions } = publication.event;
    this.published.push(id + (extensions["stub"] ? " stub" : ""));
    if (this.verdict) return Promise.resolve(this.verdict(publication));
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  async close(): Promise<void> {}
}

const form: RelayForm = {
  publication: ({ position }) => publicationOf(position, {}),
  stub: ({ position }) => publicationOf(position, { stub: "refused" }),
};
const unavailable: PublishOutcome = { kind: "unavailable", reason: "no bus" };
const refused: PublishOutcome = { kind: "refused", reason: "too large" };

let log: Log;
let bus: Bus;
let clock: StepClock;
let saved: number[];
let counted: RelayOutcome[];
let relay: Relay;

beforeEach(() => {
  log = new Log();
  bus = new Bus();
  clock = new StepClock();
  saved = [];
  counted = [];
});

async function start(cursor = 0): Promise<void> {
  relay = new Relay({
    feed: log,
    cursor: { read: async () => cursor, save: async (position) => void saved.push(position) },
    publisher: bus,
    form,
    clock,
    logger: silentLogger,
    random: () => 1,
    pace: { turn: () => new Promise((resolve) => setImmediate(resolve)) },
    counted: (outcome) => counted.push(outcome),
  });
  await relay.start();
  await settle();
}

async function settle(): Promise<void> {
  for (let turns = 0; turns < 150; turns++) await turn();
}

function numbers(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
}

describe("the relay", () => {
  it("publishes what is there from its cursor on, then what comes, each event once and in order", async () => {
    log.grow(1_200);
    await start(10);
    expect(bus.published).toEqual(numbers(11, 1_200));
    log.grow(3);
    await settle();
    expect(bus.published.slice(-3)).toEqual(numbers(1_201, 1_203));
    expect(relay.figures).toMatchObject({ position: 1_203, lagEvents: 0, lagMs: 0, isConnected: true });
  });

  it("reads nothing while nothing happens", async () => {
    await start();
    log.grow(1);
    await settle();
    const { reads } = log;
    clock.advance(3_600_000);
    await settle();
    expect(log.reads).toBe(reads);
  });

  it("has no more than 256 under way, and moves its cursor over what was taken without a gap", async () => {
    bus.verdict = undefined;
    log.grow(400);
    await start();
    expect(bus.published).toHaveLength(256);
    bus.waiting[1]?.({ kind: "taken" });
    await settle();
    expect([bus.published.length, relay.figures.position]).toEqual([257, 0]);
    bus.waiting[0]?.({ kind: "taken" });
    await settle();
    expect([bus.published.length, relay.figures.position]).toEqual([258, 2]);
    await relay.stop();
  });

  it("waits for a bus that takes nothing, with the log as its buffer, and goes on from the cursor", async () => {
    bus.verdict = ({ publicationId }) => (Number(publicationId) > 2 ? unavailable : { kind: "taken" });
    log.grow(5);
    await start();
    expect(relay.figures).toMatchObject({ position: 2, lagEvents: 3, isConnected: false });
    const before = bus.published.length;
    log.grow(1);
    await settle();
    expect(bus.published).toHaveLength(before);
    bus.verdict = () => ({ kind: "taken" });
    clock.advance(100);
    await settle();
    expect(bus.published.slice(before)).toEqual(numbers(3, 6));
    expect(relay.figures).toMatchObject({ position: 6, lagEvents: 0, isConnected: true });
  });

  it("waits longer after each failure, up to two seconds", async () => {
    bus.verdict = () => unavailable;
    log.grow(1);
    await start();
    const delays: number[] = [];
    for (let times = 0; times < 7; times++) {
      const before = bus.published.length;
      let waited = 0;
      for (; bus.published.length === before && waited < 5_000; waited += 100) {
        clock.advance(100);
        await settle();
      }
      delays.push(waited);
    }
    expect(delays).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
    await relay.stop();
  });

  it("tells how far it is behind, in events and in time", async () => {
    bus.verdict = () => unavailable;
    log.grow(7);
    await start();
    expect(relay.figures.lagEvents).toBe(7);
    const { lagMs } = relay.figures;
    clock.advance(30_000);
    expect(relay.figures.lagMs).toBe(lagMs + 30_000);
    await relay.stop();
  });

  it("sends a stub for what the bus refuses, counts it, and goes on", async () => {
    bus.verdict = ({ event }) =>
      event.id === "2" && !event.extensions["stub"] ? refused : { kind: "taken" };
    log.grow(3);
    await start();
    expect(bus.published).toEqual(["1", "2", "3", "2 stub"]);
    expect(relay.figures).toMatchObject({ position: 3, lagEvents: 0 });
    expect(counted.toSorted()).toEqual(["published", "published", "stub"]);
  });

  it("goes on even when the stub is refused, and counts that", async () => {
    bus.verdict = ({ event }) => (event.id === "2" ? refused : { kind: "taken" });
    log.grow(3);
    await start();
    expect(relay.figures).toMatchObject({ position: 3, lagEvents: 0 });
    expect(counted.toSorted()).toEqual(["dropped", "published", "published"]);
  });

  it("survives a log that can't be read for a while", async () => {
    log.failures = 1;
    log.grow(2);
    await start();
    expect(bus.published).toEqual([]);
    clock.advance(100);
    await settle();
    expect(bus.published).toEqual(["1", "2"]);
  });

  it("saves its cursor once a second at most, and at its stop", async () => {
    await start();
    for (let times = 0; times < 5; times++) {
      log.grow(10);
      await settle();
    }
    expect(saved).toEqual([]);
    clock.advance(1_000);
    await settle();
    expect(saved).toEqual([50]);
    log.grow(1);
    await settle();
    await relay.stop();
    expect(saved).toEqual([50, 51]);
  });

  it("begins at the end of a log that is shorter than its cursor", async () => {
    log.grow(5);
    await start(9);
    log.grow(1);
    await settle();
    expect(bus.published).toEqual(["6"]);
  });

  it("stops at once, whatever the bus has not answered", async () => {
    bus.verdict = undefined;
    log.grow(300);
    await start();
    await relay.stop();
    expect(saved).toEqual([]);
    expect(bus.published).toHaveLength(256);
  });
});
