import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it } from "vitest";
import type { Notification } from "../core/notification.ts";
import { Deliveries, defaultDeliveryLimits, type Tried } from "./deliveries.ts";
import type { SendOutcome } from "./ports.ts";
import { settled } from "./story.fixture.ts";

const limits = { ...defaultDeliveryLimits, triesMax: 3, inFlightMax: 2 };

function notification(id: string, dedupKey = "g", receiver = "r"): Notification {
  const rest = {
    status: "firing",
    severity: "info",
    stage: 0,
    createdAtMs: 0,
    groupLabels: {},
    alerts: [],
    alertsLeftOut: 0,
  } as const;
  return { id, dedupKey, receiver, ...rest };
}

/** Deliveries to a receiver whose answers a test gives. */
function begin() {
  const clock = new StepClock();
  const tried: Tried[] = [];
  const sent: {
    readonly id: string;
    readonly signal: AbortSignal;
    answer(outcome: SendOutcome): Promise<void>;
  }[] = [];
  const receiver = {
    send({ id }: Notification, signal: AbortSignal): Promise<SendOutcome> {
      const { promise, resolve } = Promise.withResolvers<SendOutcome>();
      sent.push({
        id,
        signal,
        async answer(outcome) {
          resolve(outcome);
          await settled();
        },
      });
      return promise;
    },
  };
  const receivers = new Map([
    ["r", receiver],
    ["s", receiver],
  ]);
  const deliveries = new Deliveries({ clock, random: () => 0.5, receivers, limits }, (one) =>
    tried.push(one),
  );
  const send = (one: Notification) => deliveries.send({ notification: one, failures: 0 });
  return { clock, tried, sent, deliveries, send, ids: () => sent.map(({ id }) => id) };
}

const later = { kind: "retry", reason: "503" } as const;

describe("deliveries", () => {
  it("of one group to one receiver go one after the other, also past a retry", async () => {
    const { clock, tried, sent, send, ids } = begin();
    send(notification("firing"));
    send(notification("resolved"));
    await sent[0]!.answer(later);
    expect(ids()).toEqual(["firing"]);
    clock.advance(1_000);
    expect(ids()).toEqual(["firing", "firing"]);
    await sent[1]!.answer({ kind: "delivered" });
    expect(ids()).toEqual(["firing", "firing", "resolved"]);
    expect(tried.map(({ id, outcome, failures }) => [id, outcome, failures])).toEqual([
      ["firing", "retry", 1],
      ["firing", "delivered", 1],
    ]);
  });

  it("are tried again later and later, as the receiver asks, and given up in the end", async () => {
    const { clock, tried, sent, send, deliveries } = begin();
    send(notification("a"));
    await sent[0]!.answer(later);
    clock.advance(749);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    await sent[1]!.answer({ ...later, afterMs: 60_000 });
    clock.advance(59_999);
    expect(sent).toHaveLength(2);
    clock.advance(1);
    await sent[2]!.answer(later);
    expect(tried.at(-1)).toEqual({ id: "a", outcome: "given_up", failures: 3, reason: "503" });
    expect(deliveries.size).toBe(0);
    expect(clock.armed).toBe(0);
  });

  it("that no retry helps are not tried again, and the next of the group goes", async () => {
    const { tried, sent, send, ids } = begin();
    send(notification("a"));
    send(notification("b"));
    await sent[0]!.answer({ kind: "rejected", reason: "404" });
    expect(tried).toEqual([{ id: "a", outcome: "rejected", failures: 1, reason: "404" }]);
    expect(ids()).toEqual(["a", "b"]);
  });

  it("get no more than so long for an answer, and are told to stop", async () => {
    const { clock, tried, sent, send } = begin();
    send(notification("a"));
    clock.advance(limits.timeoutMs);
    await settled();
    expect(sent[0]!.signal.aborted).toBe(true);
    expect(tried).toMatchObject([{ outcome: "retry", reason: "no answer within 30000 ms" }]);
  });

  it("are so many at a time; the others wait their turn", async () => {
    const { sent, send, ids } = begin();
    for (const group of ["1", "2", "3", "4"]) send(notification(group, group));
    expect(ids()).toEqual(["1", "2"]);
    await sent[0]!.answer({ kind: "delivered" });
    expect(ids()).toEqual(["1", "2", "3"]);
  });

  it("survive a receiver that throws, and one that is not there", async () => {
    const { tried, send } = begin();
    send(notification("a", "g", "nobody"));
    await settled();
    expect(tried).toMatchObject([{ outcome: "rejected", reason: "there is no receiver nobody any more" }]);
    const throwing = { send: () => Promise.reject(new Error("a bug")) };
    const clock = new StepClock();
    const receivers = new Map([["r", throwing]]);
    new Deliveries({ clock, random: () => 0, receivers, limits }, (one) => tried.push(one)).send({
      notification: notification("b"),
      failures: 0,
    });
    await settled();
    expect(tried.at(-1)).toMatchObject({ id: "b", outcome: "retry", reason: "a bug" });
  });

  it("end with the engine, and say nothing more", async () => {
    const { clock, tried, sent, send, deliveries } = begin();
    send(notification("a"));
    deliveries.stop();
    expect(sent[0]!.signal.aborted).toBe(true);
    await sent[0]!.answer({ kind: "delivered" });
    expect(tried).toEqual([]);
    expect(clock.armed).toBe(0);
  });
});
