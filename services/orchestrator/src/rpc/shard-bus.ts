import { randomUUID } from "node:crypto";
import type { Clock } from "@weft/runtime/clock";
import type { EventPublisher } from "@weft/runtime/event-bus";
import type { Logger } from "@weft/runtime/logger";
import { NatsPublisher } from "@weft/runtime/nats";
import type { NatsConnectionConfig, StreamLimits } from "@weft/runtime/nats-config";
import { SystemEvents } from "@weft/runtime/system-events";
import type { ShardBus } from "../app/shard.ts";
import { publicationsOf } from "./publications.ts";
import { factOfBreaker, factOfQuarantine } from "./system-facts.ts";

export type EventBusChoice = {
  readonly orchestratorId: string;
  readonly nats?: NatsConnectionConfig | undefined;
  readonly streamLimits: StreamLimits;
};

export type EventBusPorts = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** A change that no log holds was not told. */
  readonly dropped: () => void;
};

/** Where events go, over all lives of the shards. */
export type EventBus = {
  /** For a shard with this log. */
  shardBus(shard: number, logId: string): ShardBus;
  close(): Promise<void>;
};

/** The bus that is given, which stays open, or a connection to NATS; undefined: events go nowhere. */
export function openEventBus(
  { orchestratorId: id, nats, streamLimits }: EventBusChoice,
  ports: EventBusPorts,
  given: EventPublisher | undefined,
): EventBus | undefined {
  const own = given || !nats ? undefined : new NatsPublisher(nats, streamLimits, ports);
  const publisher = given ?? own;
  if (!publisher) return undefined;
  const source = { kind: "orchestrator", id, incarnation: randomUUID() } as const;
  const events = new SystemEvents(source, publisher, ports);
  const tell: ShardBus["tell"] = {
    breaker: (change) => events.tell(factOfBreaker(change)),
    quarantine: (quarantine) => events.tell(factOfQuarantine(quarantine)),
  };
  return {
    shardBus: (shard, logId) => ({
      publisher,
      tell,
      form: publicationsOf(shard, logId),
    }),
    async close() {
      events.stop();
      await own?.close();
    },
  };
}
