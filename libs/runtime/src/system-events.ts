import { create, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { SystemEventSchema } from "@weft/proto/weft/events/v1/events_pb";
import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { Delay } from "./delay.ts";
import type { EventPublisher, Publication } from "./event-bus.ts";

export type SystemSource = {
  readonly kind: "registry" | "orchestrator";
  readonly id: string;
  /** Of this process; new at every start. */
  readonly incarnation: string;
};

/** What has happened: its type, such as "agent.ready", what it has happened to, and the message. */
export type SystemFact = {
  readonly type: string;
  readonly subject: string;
  readonly event: MessageInitShape<typeof SystemEventSchema>["event"];
};

export type SystemPorts = {
  readonly clock: Clock;
  readonly random: () => number;
  /** One was not told: there was no room for it, or the bus has refused it. */
  readonly dropped: () => void;
};

const waitingMax = 1_000;
const retry = { initialMs: 100, maxMs: 2_000 };

/**
 * Tells the bus what no log holds, in order and numbered. Nobody waits for it: while the bus takes nothing, the
 * newest are kept and the older ones dropped. The numbers show how many.
 */
export class SystemEvents {
  readonly #source: SystemSource;
  readonly #publisher: EventPublisher;
  readonly #ports: SystemPorts;
  readonly #waiting: Publication[] = [];
  #sequence = 0;
  #isSending = false;
  #isStopped = false;
  readonly #delay: Delay;

  constructor(source: SystemSource, publisher: EventPublisher, ports: SystemPorts) {
    this.#source = source;
    this.#publisher = publisher;
    this.#ports = ports;
    this.#delay = new Delay(ports.clock);
  }

  tell(fact: SystemFact): void {
    if (this.#isStopped) return;
    this.#waiting.push(this.#publicationOf(fact));
    if (this.#waiting.length > waitingMax) {
      this.#waiting.shift();
      this.#ports.dropped();
    }
    if (!this.#isSending) void this.#send();
  }

  /** What waits is dropped. */
  stop(): void {
    this.#isStopped = true;
    this.#delay.end();
  }

  #publicationOf({ type, subject, event }: SystemFact): Publication {
    const { kind, id: sourceId, incarnation } = this.#source;
    const source = `${kind}/${sourceId}`;
    const sequence = ++this.#sequence;
    const timeMs = this.#ports.clock.now();
    const id = `${source}/${incarnation}/${sequence}`;
    const message = create(SystemEventSchema, {
      source,
      incarnation,
      sequence: BigInt(sequence),
      time: timestampFromMs(timeMs),
      ...(event && { event }),
    });
    const data = Buffer.from(JSON.stringify(toJson(SystemEventSchema, message)));
    return {
      channel: `weft.events._system.${kind}.${type}`,
      publicationId: id,
      event: { id, source: `/weft/${source}`, type, subject, timeMs, extensions: {}, data },
    };
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    let failures = 0;
    for (let next = this.#waiting[0]; next && !this.#isStopped; next = this.#waiting[0]) {
      const { kind } = await this.#publisher.publish(next);
      if (kind === "unavailable") {
        await this.#delay.for(backoffMs(retry, ++failures, this.#ports.random));
        continue;
      }
      failures = 0;
      if (kind === "refused") this.#ports.dropped();
      // It may have been dropped meanwhile, to make room.
      if (this.#waiting[0] === next) this.#waiting.shift();
    }
    this.#isSending = false;
  }
}
