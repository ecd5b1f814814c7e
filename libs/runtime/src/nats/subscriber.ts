import { type ConsumerMessages, type JsMsg, jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { backoffMs } from "../backoff.ts";
import { Delay } from "../delay.ts";
import type { CloudEvent, EventSink, EventSubscriber } from "../event-bus.ts";
import type { NatsConnectionConfig } from "../nats-config.ts";
import { eventOf } from "./headers.ts";
import { NatsLink, type NatsPorts } from "./link.ts";
import { ensureConsumer, streamName } from "./stream.ts";

const batchMax = 256;
const again = { initialMs: 100, maxMs: 2_000 };
/** Two missed in a row: nothing comes from there, though it may be connected. */
const heartbeatMs = 5_000;

/** Reads the stream of events through durable consumers. The stream itself is the publishers' to create. */
export class NatsSubscriber implements EventSubscriber {
  readonly #link: NatsLink;
  readonly #ports: NatsPorts;
  readonly #subscriptions: NatsSubscription[] = [];

  constructor(config: NatsConnectionConfig, ports: NatsPorts) {
    this.#link = new NatsLink(config, ports);
    this.#ports = ports;
  }

  subscribe(name: string, sink: EventSink): { close(): Promise<void> } {
    const subscription = new NatsSubscription(this.#link, this.#ports, name, sink);
    this.#subscriptions.push(subscription);
    return subscription;
  }

  async close(): Promise<void> {
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
    await this.#link.close();
  }
}

/**
 * One durable consumer, from lost to found again and again.
 *
 * What is delivered is acknowledged after the sink has it; the server sends no more than `ackPendingMax` ahead, which
 * bounds what waits here.
 */
class NatsSubscription {
  readonly #link: NatsLink;
  readonly #ports: NatsPorts;
  readonly #name: string;
  readonly #sink: EventSink;
  readonly #ended: Promise<void>;
  readonly #unlisten: () => void;
  #messages: ConsumerMessages | undefined;
  #isClosed = false;
  #isHeard: boolean | undefined;
  readonly #delay: Delay;

  constructor(link: NatsLink, ports: NatsPorts, name: string, sink: EventSink) {
    this.#link = link;
    this.#ports = ports;
    this.#delay = new Delay(ports.clock);
    this.#name = name;
    this.#sink = sink;
    this.#unlisten = link.onChange((isConnected) => {
      if (isConnected) this.#delay.end();
      else void this.#messages?.close();
    });
    this.#ended = this.#keep();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unlisten();
    this.#delay.end();
    void this.#messages?.close();
    await this.#ended;
  }

  async #keep(): Promise<void> {
    for (let failures = 1; !this.#isClosed; failures++) {
      try {
        const { connection } = this.#link;
        if (connection) {
          await this.#consume(connection);
          failures = 0;
        }
        this.#heard(false, "NATS is not connected");
      } catch (error) {
        this.#heard(false, error instanceof Error ? error.message : String(error));
      }
      if (!this.#isClosed) await this.#delay.for(backoffMs(again, Math.max(1, failures), this.#ports.random));
    }
  }

  /** Until the connection, the consumer or the stream is gone. */
  async #consume(connection: NatsConnection): Promise<void> {
    await ensureConsumer(connection, this.#name);
    const consumer = await jetstream(connection).consumers.get(streamName, this.#name);
    const delivery = new Delivery((events) => this.#deliver(events));
    const messages = await consumer.consume({
      max_messages: batchMax,
      idle_heartbeat: heartbeatMs,
      abort_on_missing_resource: true,
      callback: (message) => delivery.push(message),
    });
    this.#messages = messages;
    if (this.#isClosed || connection !== this.#link.connection) void messages.close();
    else this.#heard(true, "");
    void this.#closeWhenSilent(messages);
    await messages.closed();
    await delivery.stop();
  }

  /** A server that says nothing has lost the consumer, or has frozen. */
  async #closeWhenSilent(messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status())
      if (type === "heartbeats_missed" || type === "consumer_deleted" || type === "no_responders")
        void messages.close();
  }

  /** False: the sink did not take them. */
  async #deliver(events: readonly CloudEvent[]): Promise<boolean> {
    try {
      await this.#sink.deliver(events);
      return true;
    } catch {
      if (!this.#isClosed) await this.#delay.for(again.initialMs);
      return false;
    }
  }

  #heard(isHeard: boolean, reason: string): void {
    if (this.#isHeard === isHeard || this.#isClosed) return;
    this.#isHeard = isHeard;
    this.#sink.connected(isHeard, reason);
  }
}

/**
 * What has come and was not handed over yet: all of it at once, in order, when the sink is done with what came
 * before. A message is acknowledged when the sink has it; one of somebody else's is passed over.
 */
class Delivery {
  readonly #deliver: (events: readonly CloudEvent[]) => Promise<boolean>;
  #waiting: JsMsg[] = [];
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #isStopped = false;

  constructor(deliver: (events: readonly CloudEvent[]) => Promise<boolean>) {
    this.#deliver = deliver;
  }

  push(message: JsMsg): void {
    this.#waiting.push(message);
    if (!this.#isRunning) this.#running = this.#run();
  }

  /** What is left comes again, from the server. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0 && !this.#isStopped) {
      const batch = this.#waiting.slice(0, batchMax);
      const events = batch.flatMap((message) => eventOf(message.headers, message.data) ?? []);
      if (events.length > 0 && !(await this.#deliver(events))) continue;
      this.#waiting = this.#waiting.slice(batch.length);
      for (const message of batch) message.ack();
    }
    this.#isRunning = false;
  }
}
