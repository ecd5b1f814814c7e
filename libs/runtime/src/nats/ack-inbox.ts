import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import type { CancelTimer, Clock } from "../clock.ts";
import type { PublishOutcome } from "../event-bus.ts";

const ackMsMax = 5_000;
const noAnswer: PublishOutcome = { kind: "unavailable", reason: `no answer in ${ackMsMax} ms` };
/** Answers of a server that has no stream for the message. */
const noResponders = 503;

type Waiting = { readonly sentAt: number; readonly answer: (outcome: PublishOutcome) => void };

/** As JetStream answers. */
type Ack = {
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
};

/**
 * Publishes to JetStream over one connection, and hears the answers on one inbox: the client's own requests, with a
 * timer and a token for each, took five times the CPU.
 *
 * Every publish is answered: by JetStream, by the time, or by `abandon`.
 */
export class AckInbox {
  readonly #connection: NatsConnection;
  readonly #clock: Clock;
  readonly #inbox = createInbox();
  /** By number, the oldest first. */
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #cancelSweep: CancelTimer | undefined;

  constructor(connection: NatsConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    connection.subscribe(`${this.#inbox}.*`, { callback: (error, message) => this.#heard(error, message) });
  }

  isOf(connection: NatsConnection): boolean {
    return this.#connection === connection;
  }

  /** Throws when the client takes no such message: it is too large for the server, or has no proper subject. */
  publish(channel: string, data: Uint8Array, headers: MsgHdrs): Promise<PublishOutcome> {
    const number = ++this.#last;
    this.#connection.publish(channel, data, { headers, reply: `${this.#inbox}.${number}` });
    this.#sweepLater();
    return new Promise((answer) => {
      this.#waiting.set(number, { sentAt: this.#clock.monotonic(), answer });
    });
  }

  /** The connection is gone, and with it the answers. */
  abandon(outcome: PublishOutcome): void {
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    for (const { answer } of this.#waiting.values()) answer(outcome);
    this.#waiting.clear();
  }

  #heard(error: Error | null, message: Msg): void {
    if (error) return;
    const number = Number(message.subject.slice(this.#inbox.length + 1));
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    waiting?.answer(outcomeOf(message));
  }

  #sweepLater(): void {
    this.#cancelSweep ??= this.#clock.after(ackMsMax, () => {
      this.#cancelSweep = undefined;
      const until = this.#clock.monotonic() - ackMsMax;
      for (const [number, { sentAt, answer }] of this.#waiting) {
        if (sentAt > until) return this.#sweepLater();
        this.#waiting.delete(number);
        answer(noAnswer);
      }
    });
  }
}

function outcomeOf(message: Msg): PublishOutcome {
  if (message.headers?.code === noResponders)
    return { kind: "unavailable", reason: "there is no stream for events, or no JetStream" };
  let ack: Ack;
  try {
    ack = message.json<Ack>();
  } catch {
    return { kind: "unavailable", reason: "JetStream's answer can't be read" };
  }
  if (!ack.error) return { kind: "taken" };
  const { code, description = `error ${code}` } = ack.error;
  // Of the request, and not of the server's state: it would be refused again.
  return { kind: code >= 400 && code < 500 ? "refused" : "unavailable", reason: description };
}
