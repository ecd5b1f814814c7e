import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CloudEvent, EventPublisher, EventSubscriber, Publication } from "./event-bus.ts";

export type OpenedBus = {
  readonly publisher: EventPublisher;
  readonly subscriber: EventSubscriber;
  /** Ends both, and whatever they stand on. */
  close(): Promise<void>;
};

/** A subscriber's side: what it was told, in order. */
export class Hearer {
  readonly events: CloudEvent[] = [];
  readonly states: boolean[] = [];
  /** Refuses that many deliveries. */
  refusals = 0;
  /** While it is set, deliveries wait for it. */
  gate: Promise<void> | undefined;

  get ids(): readonly string[] {
    return this.events.map(({ id }) => id);
  }

  async deliver(events: readonly CloudEvent[]): Promise<void> {
    await this.gate;
    if (this.refusals > 0) {
      this.refusals--;
      throw new Error("not now");
    }
    this.events.push(...events);
  }

  connected(isConnected: boolean): void {
    this.states.push(isConnected);
  }
}

export function publication(number: number, parts: Partial<CloudEvent> = {}): Publication {
  const id = `0/${number}`;
  return {
    channel: "weft.events.default.release.step.succeeded",
    publicationId: id,
    event: {
      id,
      source: "/weft/logs/abc",
      type: "step.succeeded",
      subject: "execution",
      timeMs: 1_750_000_000_000 + number,
      extensions: {},
      data: Buffer.from(JSON.stringify({ number })),
      ...parts,
    },
  };
}

const waiting = { timeout: 20_000, interval: 5 };

/** What every event bus promises. */
export function describeEventBus(name: string, open: () => Promise<OpenedBus>): void {
  describe(name, () => {
    let bus: OpenedBus;
    beforeEach(async () => {
      bus = await open();
      // It may have to be connected first.
      await expect.poll(() => bus.publisher.publish(publication(0)), waiting).toEqual({ kind: "taken" });
    });
    afterEach(() => bus.close());

    /** Subscribed, and in force. */
    async function hearer(consumer = "alerts"): Promise<Hearer & { end(): Promise<void> }> {
      const heard = new Hearer();
      const subscription = bus.subscriber.subscribe(consumer, heard);
      await expect.poll(() => heard.states, waiting).toContain(true);
      return Object.assign(heard, { end: () => subscription.close() });
    }

    async function publish(...numbers: readonly number[]): Promise<void> {
      const outcomes = await Promise.all(numbers.map((number) => bus.publisher.publish(publication(number))));
      for (const outcome of outcomes) expect(outcome).toEqual({ kind: "taken" });
    }

    it("hands over what is published from now on, in order", async () => {
      const heard = await hearer();
      const numbers = Array.from({ length: 600 }, (_, index) => index + 1);
      await publish(...numbers);
      await expect.poll(() => heard.events.length, waiting).toBe(600);
      expect(heard.ids).toEqual(numbers.map((number) => `0/${number}`));
    });

    it("gives an event back as it was, whatever its attributes hold", async () => {
      const heard = await hearer();
      const odd = publication(1, {
        subject: 'Zoë "%" \n 😀',
        extensions: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", stub: "a b" },
        data: Buffer.from('{"text":"日本"}'),
      });
      await bus.publisher.publish(odd);
      await expect.poll(() => heard.events.length, waiting).toBe(1);
      const [{ data, ...rest }] = heard.events as [CloudEvent];
      const { data: given, ...wanted } = odd.event;
      expect(rest).toEqual(wanted);
      expect(Buffer.from(data).toString()).toBe(Buffer.from(given).toString());
    });

    it("gives everybody everything", async () => {
      const [one, two] = [await hearer("one"), await hearer("two")];
      await publish(1, 2);
      await expect
        .poll(() => [one.ids, two.ids], waiting)
        .toEqual([
          ["0/1", "0/2"],
          ["0/1", "0/2"],
        ]);
    });

    it("comes again with what was not taken, losing nothing", async () => {
      const heard = await hearer();
      heard.refusals = 2;
      await publish(1, 2, 3);
      await expect.poll(() => new Set(heard.ids), waiting).toEqual(new Set(["0/1", "0/2", "0/3"]));
    });

    it("keeps for a name what comes while nobody listens by it", async () => {
      const before = await hearer();
      await publish(1);
      await expect.poll(() => before.ids, waiting).toEqual(["0/1"]);
      await before.end();
      await publish(2, 3);
      const after = await hearer();
      await expect.poll(() => after.ids, waiting).toEqual(["0/2", "0/3"]);
    });

    it("delivers nothing once a subscription is closed", async () => {
      const heard = await hearer();
      const { promise, resolve } = Promise.withResolvers<void>();
      heard.gate = promise;
      await publish(1);
      const closed = heard.end();
      resolve();
      await closed;
      const { length } = heard.events;
      await publish(2);
      const other = await hearer("other");
      await publish(3);
      await expect.poll(() => other.ids, waiting).toContain("0/3");
      expect(heard.events).toHaveLength(length);
    });
  });
}
