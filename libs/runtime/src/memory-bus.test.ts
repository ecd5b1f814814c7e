import { expect, it } from "vitest";
import { describeEventBus, Hearer, publication } from "./event-bus.contract.ts";
import { MemoryBus } from "./memory-bus.ts";

describeEventBus("the event bus in memory", async () => {
  const bus = new MemoryBus();
  return { publisher: bus, subscriber: bus, close: () => bus.close() };
});

it("a subscriber that is far behind loses the oldest, and nobody waits for it", async () => {
  const bus = new MemoryBus();
  const heard = new Hearer();
  const { promise, resolve } = Promise.withResolvers<void>();
  heard.gate = promise;
  bus.subscribe("slow", heard);
  for (let number = 1; number <= 50_000; number++) await bus.publish(publication(number));
  resolve();
  await expect.poll(() => heard.ids.at(-1)).toBe("0/50000");
  expect(heard.ids.length).toBeLessThan(21_000);
  await bus.close();
});
