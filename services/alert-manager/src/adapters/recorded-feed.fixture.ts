import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import { systemClock } from "@weft/runtime/clock";
import type { EventSubscriber } from "@weft/runtime/event-bus";
import { type Channel, createChannel } from "@weft/runtime/grpc";
import { silentLogger } from "@weft/runtime/logger";
import { NatsSubscriber } from "@weft/runtime/nats";
import type { EventFeed } from "../app/ports.ts";
import type { Observation, Placed } from "../core/observation.ts";
import { createEventFeed } from "./event-feed.ts";
import type { LogReader } from "./event-feed-logs.ts";
import { openKnownLogs } from "./known-logs.ts";

export type FeedAddresses = {
  readonly orchestrator: string;
  readonly registry: string;
  readonly token: string;
  /** Undefined: the log alone is read. */
  readonly nats?: string;
};

/** A real feed on a real mesh, and all that it has delivered over its lives. For tests. */
export class RecordedFeed {
  /** Positions of shard 0, in the order in which they were taken. */
  readonly positions: number[] = [];
  readonly placed: Placed[] = [];
  /** What no log holds, in order. */
  readonly system: Observation[] = [];
  readonly resets: string[] = [];
  /** Events that came by the bus, and that were read from the log; repeated ones included. */
  heard = 0;
  read = 0;
  readonly #addresses: FeedAddresses;
  readonly #folder: string;
  #channels: readonly Channel[] = [];
  #feed: EventFeed | undefined;
  #subscriber: EventSubscriber | undefined;

  constructor(addresses: FeedAddresses, folder: string) {
    this.#addresses = addresses;
    this.#folder = folder;
  }

  /** From behind what was taken before. */
  async start(): Promise<void> {
    const { nats } = this.#addresses;
    const channels = [this.#channel("orchestrator"), this.#channel("registry")] as const;
    this.#channels = channels;
    const config = nats === undefined ? undefined : { servers: [nats], name: "feed" };
    const ports = { clock: systemClock, logger: silentLogger, random: Math.random };
    this.#subscriber = config && this.#counted(new NatsSubscriber(config, ports));
    const orchestrator = channels[0].client(OrchestratorService);
    this.#feed = createEventFeed({
      orchestrator: { ...orchestrator, ...this.#countedReader(orchestrator) },
      registry: channels[1].client(RegistryService),
      subscriber: this.#subscriber,
      isNats: true,
      knownLogs: openKnownLogs(this.#folder),
      clock: systemClock,
      logger: silentLogger,
    });
    await this.#feed.start(new Map([[0, this.positions.at(-1) ?? 0]]), {
      observe: async (placed) => this.#take(placed),
      logReset: async (_, logId) => void this.resets.push(logId),
    });
  }

  async stop(): Promise<void> {
    await this.#feed?.stop();
    await this.#subscriber?.close();
    for (const channel of this.#channels) channel.close();
  }

  #take(placed: readonly Placed[]): void {
    for (const each of placed) {
      if (each.place) this.positions.push(each.place.position);
      if (each.place) this.placed.push(each);
      else this.system.push(each.observation);
    }
  }

  #channel(name: "orchestrator" | "registry"): Channel {
    return createChannel({ address: this.#addresses[name], token: this.#addresses.token });
  }

  #counted(subscriber: EventSubscriber): EventSubscriber {
    return {
      subscribe: (name, sink) =>
        subscriber.subscribe(name, {
          connected: (isConnected, reason) => sink.connected(isConnected, reason),
          deliver: (events) => {
            this.heard += events.length;
            return sink.deliver(events);
          },
        }),
      close: () => subscriber.close(),
    };
  }

  #countedReader(reader: LogReader): Pick<LogReader, "readEvents"> {
    return {
      readEvents: (request, options) => {
        const stream = reader.readEvents(request, options);
        const count = (events: number): void => {
          this.read += events;
        };
        return {
          ...stream,
          async *[Symbol.asyncIterator]() {
            for await (const message of stream) {
              count(message.events.length);
              yield message;
            }
          },
        };
      },
    };
  }
}
