import { systemClock } from "@weft/runtime/clock";
import { describeEventBus, Hearer, publication } from "@weft/runtime/event-bus.contract";
import { silentLogger } from "@weft/runtime/logger";
import { NatsPublisher, NatsSubscriber } from "@weft/runtime/nats";
import { streamLimitDefaults } from "@weft/runtime/nats-config";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { type NatsServer, natsServer } from "../harness/nats-server.ts";

const ports = { clock: systemClock, logger: silentLogger, random: Math.random };
const limits = { ...streamLimitDefaults, maxBytes: 64 * 1024 ** 2 };
const waiting = { timeout: 20_000, interval: 5 };

function clients({ url }: NatsServer) {
  const config = { servers: [url], name: "test" };
  const publisher = new NatsPublisher(config, limits, ports);
  const subscriber = new NatsSubscriber(config, ports);
  return {
    publisher,
    subscriber,
    close: async () => {
      await subscriber.close();
      await publisher.close();
    },
  };
}

describeEventBus("the event bus of NATS", async () => {
  const server = await natsServer(temporaryFolder());
  await server.start();
  const bus = clients(server);
  return {
    ...bus,
    async close() {
      await bus.close();
      await server.kill();
    },
  };
});

describe("NATS", () => {
  async function opened(settings?: string) {
    const server = await natsServer(temporaryFolder(), settings);
    const bus = clients(server);
    onTestFinished(async () => {
      await bus.close();
      await server.kill();
    });
    return { server, ...bus };
  }

  const publishable = (publisher: NatsPublisher, number: number) =>
    expect.poll(() => publisher.publish(publication(number)), waiting).toEqual({ kind: "taken" });

  it("may come after those who use it", async () => {
    const { server, publisher, subscriber } = await opened();
    expect(await publisher.publish(publication(1))).toMatchObject({ kind: "unavailable" });
    expect(publisher.isConnected).toBe(false);
    const heard = new Hearer();
    subscriber.subscribe("early", heard);
    await server.start();
    await publishable(publisher, 1);
    expect(publisher.isConnected).toBe(true);
    await expect.poll(() => heard.states, waiting).toContain(true);
  });

  it("may be killed and lose its data: both find their way back to a new stream", async () => {
    const { server, publisher, subscriber } = await opened();
    await server.start();
    await publishable(publisher, 1);
    const heard = new Hearer();
    subscriber.subscribe("survivor", heard);
    await expect.poll(() => heard.states.at(-1), waiting).toBe(true);
    await server.kill();
    await expect.poll(() => heard.states.at(-1), waiting).toBe(false);
    server.wipe();
    await server.start();
    await publishable(publisher, 2);
    await expect.poll(() => heard.states.at(-1), waiting).toBe(true);
    await publishable(publisher, 3);
    await expect.poll(() => heard.ids, waiting).toContain("0/3");
  });

  it("takes the same publication once", async () => {
    const { server, publisher, subscriber } = await opened();
    await server.start();
    await publishable(publisher, 0);
    const heard = new Hearer();
    subscriber.subscribe("once", heard);
    await expect.poll(() => heard.states.at(-1), waiting).toBe(true);
    for (let times = 0; times < 3; times++) await publisher.publish(publication(1));
    await publisher.publish(publication(2));
    await expect.poll(() => heard.ids, waiting).toEqual(["0/1", "0/2"]);
  });

  it("refuses for good what is too large for the stream, for the server, or has no place on it", async () => {
    const { server, publisher } = await opened("max_payload: 400000");
    await server.start();
    await publishable(publisher, 0);
    const large = (bytes: number) => publisher.publish(publication(1, { data: Buffer.alloc(bytes, 32) }));
    expect(await large(300_000)).toMatchObject({ kind: "refused" });
    expect(await large(500_000)).toMatchObject({ kind: "refused" });
    expect(await publisher.publish({ ...publication(1), channel: "weft.events..x y" })).toMatchObject({
      kind: "refused",
    });
    await publishable(publisher, 1);
  });
});
