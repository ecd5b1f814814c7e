import { errors, type NatsConnection } from "@nats-io/transport-node";
import type { EventPublisher, Publication, PublishOutcome } from "../event-bus.ts";
import type { NatsConnectionConfig, StreamLimits } from "../nats-config.ts";
import { AckInbox } from "./ack-inbox.ts";
import { headersOf } from "./headers.ts";
import { NatsLink, type NatsPorts } from "./link.ts";
import { ensureStream } from "./stream.ts";

const notConnected: PublishOutcome = { kind: "unavailable", reason: "NATS is not connected" };

/**
 * Publishes to the stream of events, which it creates.
 *
 * The stream is looked at once after every connect and whenever a publish was not answered well: it may have gone
 * with the server's data.
 */
export class NatsPublisher implements EventPublisher {
  readonly #link: NatsLink;
  readonly #limits: StreamLimits;
  readonly #ports: NatsPorts;
  /** On the current connection. */
  #inbox: AckInbox | undefined;
  /** Resolves when the stream is there; undefined until it is known to be. */
  #ready: Promise<void> | undefined;

  constructor(config: NatsConnectionConfig, limits: StreamLimits, ports: NatsPorts) {
    this.#link = new NatsLink(config, ports);
    this.#limits = limits;
    this.#ports = ports;
    this.#link.onChange((isConnected) => {
      this.#ready = undefined;
      if (!isConnected) this.#inbox?.abandon(notConnected);
    });
  }

  get isConnected(): boolean {
    return this.#link.connection !== undefined;
  }

  async publish({ channel, publicationId, event }: Publication): Promise<PublishOutcome> {
    const { connection } = this.#link;
    if (!connection) return notConnected;
    try {
      this.#ready ??= ensureStream(connection, this.#limits);
      await this.#ready;
      if (connection !== this.#link.connection) return notConnected;
      const headers = headersOf(event);
      headers.set("Nats-Msg-Id", publicationId);
      const outcome = await this.#inboxOf(connection).publish(channel, event.data, headers);
      if (outcome.kind === "unavailable") this.#ready = undefined;
      return outcome;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (isRefusal(error)) return { kind: "refused", reason };
      this.#ready = undefined;
      return { kind: "unavailable", reason };
    }
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  /** The client keeps its connection object, and its subscriptions, over reconnects. */
  #inboxOf(connection: NatsConnection): AckInbox {
    if (this.#inbox?.isOf(connection)) return this.#inbox;
    this.#inbox?.abandon(notConnected);
    this.#inbox = new AckInbox(connection, this.#ports.clock);
    return this.#inbox;
  }
}

/** Whether the client refuses the message itself. */
function isRefusal(error: unknown): boolean {
  return error instanceof errors.InvalidSubjectError || error instanceof errors.InvalidArgumentError;
}
