import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/transport-node";
import type { StreamLimits } from "../nats-config.ts";

export const streamName = "WEFT_EVENTS";
const subjects = ["weft.events.>"];

/** As long as a relay that was cut off may take to come back with what it does not know to be taken. */
const duplicateWindowMs = 120_000;
/** Deliveries that a consumer has not acknowledged; beyond it the server waits. */
const ackPendingMax = 1_024;
const ackWaitMs = 30_000;

/** Creates the stream, or brings it to these limits. Rejects when NATS has no JetStream, or no room for it. */
export async function ensureStream(connection: NatsConnection, limits: StreamLimits): Promise<void> {
  const { streams } = await jetstreamManager(connection);
  const wanted = configOf(limits);
  try {
    const { config } = await streams.info(streamName);
    const keys = Object.keys(wanted) as (keyof typeof wanted)[];
    if (keys.every((key) => String(config[key]) === String(wanted[key]))) return;
    await streams.update(streamName, wanted);
  } catch (error) {
    if (!isApiError(error, JetStreamApiCodes.StreamNotFound)) throw error;
    await streams.add({ name: streamName, ...wanted });
  }
}

/** Creates a durable consumer that begins with what is published next, unless it is there already. */
export async function ensureConsumer(connection: NatsConnection, name: string): Promise<void> {
  const { consumers } = await jetstreamManager(connection);
  const wanted: Partial<ConsumerConfig> = {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: ackPendingMax,
    deliver_policy: DeliverPolicy.New,
  };
  try {
    await consumers.info(streamName, name);
  } catch (error) {
    if (!isApiError(error, JetStreamApiCodes.ConsumerNotFound)) throw error;
    await consumers.add(streamName, wanted);
  }
}

function isApiError(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}

function configOf({ maxAgeMs, maxBytes, messageBytesMax, replicas }: StreamLimits) {
  return {
    subjects,
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: nanos(maxAgeMs),
    max_bytes: maxBytes,
    max_msg_size: messageBytesMax,
    // No longer than anything is kept: the server refuses that.
    duplicate_window: nanos(Math.min(duplicateWindowMs, maxAgeMs)),
    num_replicas: replicas,
  } satisfies Partial<StreamConfig>;
}
