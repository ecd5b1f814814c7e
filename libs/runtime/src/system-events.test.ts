import { expect, it } from "vitest";
import type { EventPublisher, Publication, PublishOutcome } from "./event-bus.ts";
import { StepClock } from "./step-clock.ts";
import { SystemEvents } from "./system-events.ts";

class Bus implements EventPublisher {
  readonly isConnected = true;
  outcome: PublishOutcome = { kind: "taken" };
  readonly published: Publication[] = [];

  async publish(publication: Publication): Promise<PublishOutcome> {
    this.published.push(publication);
    return this.outcome;
  }

  async close(): Promise<void> {}
}

const clock = new StepClock();
const source = { kind: "registry", id: "one", incarnation: "abc" } as const;

function opened() {
  const bus = new Bus();
  const counts = { dropped: 0 };
  const dropped = (): void => {
    counts.dropped++;
  };
  return { bus, counts, events: new SystemEvents(source, bus, { clock, random: () => 1, dropped }) };
}

function tell(events: SystemEvents, agentId: string): void {
  events.tell({
    type: "agent.ready",
    subject: agentId,
    event: { case: "agentChanged", value: { agentId, state: 2 } },
  });
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

it("each is numbered, from a source and a life of it", async () => {
  const { bus, events } = opened();
  tell(events, "a");
  tell(events, "b");
  await settle();
  expect(
    bus.published.map(({ channel, event: { id, source, type, subject } }) => [
      channel,
      id,
      source,
      type,
      subject,
    ]),
  ).toEqual([
    [
      "weft.events._system.registry.agent.ready",
      "registry/one/abc/1",
      "/weft/registry/one",
      "agent.ready",
      "a",
    ],
    [
      "weft.events._system.registry.agent.ready",
      "registry/one/abc/2",
      "/weft/registry/one",
      "agent.ready",
      "b",
    ],
  ]);
  expect(JSON.parse(Buffer.from(bus.published[0]!.event.data).toString())).toEqual({
    source: "registry/one",
    incarnation: "abc",
    sequence: "1",
    time: "2030-01-01T00:00:00Z",
    agentChanged: { agentId: "a", state: "AGENT_STATE_READY" },
  });
});

it("while the bus takes nothing the newest are kept, in order, and the others counted", async () => {
  const { bus, counts, events } = opened();
  bus.outcome = { kind: "unavailable", reason: "no bus" };
  for (let number = 1; number <= 1_200; number++) tell(events, String(number));
  await settle();
  expect(counts.dropped).toBe(200);
  bus.outcome = { kind: "taken" };
  bus.published.length = 0;
  clock.advance(100);
  await settle();
  expect(bus.published.map(({ event }) => event.subject)).toEqual(
    Array.from({ length: 1_000 }, (_, index) => String(index + 201)),
  );
});

it("what the bus refuses is counted, and what follows goes on", async () => {
  const { bus, counts, events } = opened();
  bus.outcome = { kind: "refused", reason: "too large" };
  tell(events, "a");
  await settle();
  bus.outcome = { kind: "taken" };
  tell(events, "b");
  await settle();
  expect(bus.published.map(({ event }) => event.subject)).toEqual(["a", "b"]);
  expect(counts.dropped).toBe(1);
});
