import { JetStreamApiCodes, JetStreamApiError, type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { errors, type NatsConnection } from "@nats-io/transport-node";
import type { EventPublisher, Publication, PublishOutcome } from "../event-bus.ts";
import type { NatsConnectionConfig, StreamLimits } from "../nats-config.ts";
import { headersOf } from "./headers.ts";
import { NatsLink, type NatsPorts } from "./link.ts";
import { ensureStream } from "./stream.ts";

const ackMsMax = 5_000;
const notConnected: PublishOutcome = { kind: "unavailable", reason: "NATS is not connected" };

/**
 * Publishes to the stream of events, which it creates.
 *
 * The stream is looked at once after every connect and whenever nobody answered for it: it may have gone with the
 * server's data.
 */
export class NatsPublisher implements EventPublisher {
  readonly #link: NatsLink;
  readonly #limits: StreamLimits;
  /** On the current connection; undefined until the stream is known to be there. */
  #client: Promise<JetStreamClient> | undefined;
  /** What was published and has no answer yet. */
  readonly #unanswered = new Set<(outcome: PublishOutcome) => void>();

  constructor(config: NatsConnectionConfig, limits: StreamLimits, ports: NatsPorts) {
    this.#link = new NatsLink(config, ports);
    this.#limits = limits;
    this.#link.onChange((isConnected) => {
      this.#client = undefined;
      // Its answers would have come by the connection that is gone.
      if (!isConnected) for (const answer of this.#unanswered) answer(notConnected);
    });
  }

  get isConnected(): boolean {
    return this.#link.connection !== undefined;
  }

  async publish({ channel, publicationId, event }: Publication): Promise<PublishOutcome> {
    const { connection } = this.#link;
    if (!connection) return notConnected;
    try {
      this.#client ??= this.#open(connection);
      const client = await this.#client;
      const options = { msgID: publicationId, headers: headersOf(event), timeout: ackMsMax, retries: 1 };
      return await this.#answer(client.publish(channel, event.data, options));
    } catch (error) {
      return this.#outcomeOf(error);
    }
  }

  #answer(published: Promise<unknown>): Promise<PublishOutcome> {
    return new Promise((resolve) => {
      const answer = (outcome: PublishOutcome): void => {
        this.#unanswered.delete(answer);
        resolve(outcome);
      };
      this.#unanswered.add(answer);
      published.then(
        () => answer({ kind: "taken" }),
        (error: unknown) => answer(this.#outcomeOf(error)),
      );
    });
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  async #open(connection: NatsConnection): Promise<JetStreamClient> {
    await ensureStream(connection, this.#limits);
    return jetstream(connection);
  }

  #outcomeOf(error: unknown): PublishOutcome {
    const reason = error instanceof Error ? error.message : String(error);
    if (isRefusal(error)) return { kind: "refused", reason };
    this.#client = undefined;
    return { kind: "unavailable", reason };
  }
}

/** Whether the same message would be refused again. A server that is not ready, or short of room, is another thing. */
function isRefusal(error: unknown): boolean {
  if (error instanceof errors.InvalidSubjectError || error instanceof errors.InvalidArgumentError)
    return true;
  if (!(error instanceof JetStreamApiError)) return false;
  return error.status >= 400 && error.status < 500 && error.code !== JetStreamApiCodes.StreamNotFound;
}
