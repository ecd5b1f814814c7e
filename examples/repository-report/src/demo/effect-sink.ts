/**
 * The outside world of the chaos demo: a service that agents tell of each effect of a step, and that applies
 * an effect once per idempotency key. It can hold its answer, so that an agent is caught between the effect
 * and its result.
 *
 * Invariants
 *  1. An effect is applied before its answer is held: whoever is killed meanwhile has had its effect.
 *  2. A hold catches the first delivery of its step and no other.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { z } from "zod";

const delivered = z.object({ key: z.string(), agent: z.string() });

/** One time that an agent told of an effect. */
export type Delivery = z.infer<typeof delivered> & {
  /** False: the key was known, and nothing happened. */
  readonly isApplied: boolean;
};

export type Hold = {
  /** Resolves with the delivery that waits for its answer. */
  readonly reached: Promise<Delivery>;
  /** Lets the answer go. */
  readonly release: () => void;
};

export type EffectSink = {
  readonly url: string;
  readonly deliveries: readonly Delivery[];
  /** Holds the answer to the first delivery of this step. */
  hold(stepId: string): Hold;
  close(): Promise<void>;
};

export async function openEffectSink(): Promise<EffectSink> {
  const deliveries: Delivery[] = [];
  const holds = new Map<string, (delivery: Delivery) => Promise<void>>();
  const take = async (request: IncomingMessage): Promise<Delivery> => {
    const { key, agent } = delivered.parse(await json(request));
    const delivery = { key, agent, isApplied: deliveries.every((other) => other.key !== key) };
    deliveries.push(delivery);
    const stepId = key.slice(key.lastIndexOf("/") + 1);
    const held = holds.get(stepId)?.(delivery);
    holds.delete(stepId);
    await held;
    return delivery;
  };
  const server = createServer((request, response) => {
    take(request).then(
      (delivery) => response.end(JSON.stringify(delivery)),
      () => response.writeHead(400).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliveries,
    hold(stepId) {
      const reached = Promise.withResolvers<Delivery>();
      const released = Promise.withResolvers<void>();
      holds.set(stepId, (delivery) => {
        reached.resolve(delivery);
        return released.promise;
      });
      return { reached: reached.promise, release: released.resolve };
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
