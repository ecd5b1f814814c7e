/**
 * The agent's place in the registry: one Attach stream at a time, opened again for ever until closed.
 *
 * Invariants
 *  1. At most one link is alive; whatever a lost link's stream or timers still say is ignored.
 *  2. A link lives as long as the registry answers: an attach within attachMsMax, then something per lease.
 *  3. The free slots and the draining told last on a link are those of its last message; a difference is
 *     told with the next change of load, and at the latest with the next heartbeat.
 */

import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import {
  type AttachRequest,
  type AttachResponse,
  type Registration,
  RegistryService,
} from "@weft/proto/weft/registry/v1/registry_pb";
import {
  type CancelTimer,
  type Channel,
  type ClientDuplex,
  type Clock,
  Code,
  createChannel,
  RpcError,
} from "@weft/runtime/grpc";
import type { Log } from "../context.ts";
import type { RegistryTarget } from "../dev-file.ts";
import { backoffMs } from "./core/backoff.ts";

/** What heartbeats tell. */
export type Load = { readonly freeSlots: number; readonly loopLagMs: number };

export type AttachmentOptions = {
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1). */
  readonly random: () => number;
  readonly locate: () => RegistryTarget;
  readonly registration: () => Registration;
  readonly load: () => Load;
  /** An operator wants the agent to take no more work. Called once. */
  readonly onDrainAsked: () => void;
};

type Link = {
  readonly channel: Channel;
  readonly call: ClientDuplex<AttachRequest, AttachResponse>;
  readonly registry: string;
  toldFree: number;
  /** 0 until attached. */
  leaseMs: number;
  cancelSilence: CancelTimer;
  cancelHeartbeat: CancelTimer;
};

const attachMsMax = 10_000;
const farewellMsMax = 1_000;

export class Attachment {
  readonly #options: AttachmentOptions;
  readonly #closed = Promise.withResolvers<void>();
  #link: Link | undefined;
  #cancelRetry: CancelTimer = () => {};
  #failures = 0;
  #lastProblem = "";
  #status: "serving" | "draining" | "closing" = "serving";

  constructor(options: AttachmentOptions) {
    this.#options = options;
    this.#connect();
  }

  /** Tells the registry, if it does not know. */
  loadChanged(): void {
    const link = this.#link;
    if (link && link.leaseMs > 0 && link.toldFree !== this.#options.load().freeSlots) this.#heartbeat(link);
  }

  drain(): void {
    this.#status = "draining";
    if (this.#link && this.#link.leaseMs > 0) this.#heartbeat(this.#link);
  }

  /** Leaves the registry: a stream that ends well is an agent that is gone on purpose. */
  close(): Promise<void> {
    this.#status = "closing";
    this.#cancelRetry();
    const link = this.#link;
    if (!link || link.leaseMs === 0) {
      this.#drop();
      return Promise.resolve();
    }
    link.call.end();
    link.cancelSilence();
    link.cancelSilence = this.#options.clock.after(farewellMsMax, () => this.#drop());
    return this.#closed.promise;
  }

  #connect(): void {
    const { clock, locate, registration } = this.#options;
    const { registry, token } = locate();
    const channel = createChannel({
      address: registry,
      exclusive: true,
      ...(token === undefined ? {} : { token }),
    });
    const call = channel.client(RegistryService).attach() as Link["call"];
    const value = registration();
    const link: Link = {
      channel,
      call,
      registry,
      toldFree: value.freeSlots,
      leaseMs: 0,
      cancelSilence: clock.after(attachMsMax, () => this.#lost(link, silent)),
      cancelHeartbeat: () => {},
    };
    this.#link = link;
    call.onMessage((response) => this.#receive(link, response));
    call.onEnd((error) => this.#lost(link, error));
    call.write({
      $typeName: "weft.registry.v1.AttachRequest",
      message: { case: "registration", value },
    });
  }

  #receive(link: Link, { message }: AttachResponse): void {
    if (link !== this.#link || this.#status === "closing") return;
    const lease = message.value?.lease;
    if (lease) this.#renew(link, durationMs(lease));
    const isAsked = message.value?.drain === true && this.#status === "serving";
    if (isAsked) this.#status = "draining";
    if (message.case === "attached") this.#attached(link);
    else if (isAsked) this.#heartbeat(link);
    if (isAsked) this.#options.onDrainAsked();
  }

  #attached(link: Link): void {
    this.#failures = 0;
    this.#lastProblem = "";
    this.#options.log.info("attached to registry", { registry: link.registry, leaseMs: link.leaseMs });
    if (this.#status === "draining") this.#heartbeat(link);
    else this.#beatLater(link);
  }

  #renew(link: Link, leaseMs: number): void {
    link.leaseMs = leaseMs;
    link.cancelSilence();
    link.cancelSilence = this.#options.clock.after(leaseMs, () => this.#lost(link, silent));
  }

  #heartbeat(link: Link): void {
    const { freeSlots, loopLagMs } = this.#options.load();
    link.toldFree = freeSlots;
    link.call.write({
      $typeName: "weft.registry.v1.AttachRequest",
      message: {
        case: "heartbeat",
        value: {
          $typeName: "weft.registry.v1.Heartbeat",
          freeSlots,
          draining: this.#status === "draining",
          eventLoopLag: durationFromMs(loopLagMs),
        },
      },
    });
    this.#beatLater(link);
  }

  #beatLater(link: Link): void {
    link.cancelHeartbeat();
    link.cancelHeartbeat = this.#options.clock.after(link.leaseMs / 3, () => this.#heartbeat(link));
  }

  #lost(link: Link, error: RpcError | undefined): void {
    if (link !== this.#link) return;
    const wasAttached = link.leaseMs > 0;
    this.#drop();
    if (this.#status === "closing") return;
    // Two agents with one id would take turns as fast as they reconnect.
    if (error?.code === Code.ABORTED) this.#failures = Math.max(this.#failures, 6);
    const delayMs = backoffMs(this.#failures++, this.#options.random());
    this.#report(link, wasAttached, error, delayMs);
    this.#cancelRetry = this.#options.clock.after(delayMs, () => this.#connect());
  }

  /** One warning for each new problem; the same one again is for those who debug. */
  #report(link: Link, wasAttached: boolean, error: RpcError | undefined, delayMs: number): void {
    const problem = error?.message ?? "it ended the stream";
    const fields = { registry: link.registry, problem, retryInMs: Math.round(delayMs) };
    const message = wasAttached ? "registry lost" : "registry not reached";
    if (wasAttached || problem !== this.#lastProblem) this.#options.log.warn(message, fields);
    else this.#options.log.debug(message, fields);
    this.#lastProblem = problem;
  }

  #drop(): void {
    const link = this.#link;
    this.#link = undefined;
    if (link) {
      link.cancelSilence();
      link.cancelHeartbeat();
      link.call.cancel();
      link.channel.close();
    }
    if (this.#status === "closing") this.#closed.resolve();
  }
}

const silent = new RpcError(Code.DEADLINE_EXCEEDED, "the registry does not answer");
