import {
  type AgentEntry,
  AgentService,
  type Dispatch as DispatchMessage,
  type InFlight,
  type SessionRequest,
  type Welcome as WelcomeMessage,
} from "@weft/proto/weft/agent/v1/agent_pb";
import { backoffMs } from "@weft/runtime/backoff";
import type { CancelTimer, Clock } from "@weft/runtime/clock";
import { type ClientDuplex, createChannel } from "@weft/runtime/grpc";
import type { Logger } from "@weft/runtime/logger";
import type { AgentConnector, AgentRecord, AgentSession, Dispatch, SessionListener } from "../app/agents.ts";
import { claimOf, helloOf, type SessionIdentity, tell, welcomeOf } from "./agent-entries.ts";
import { FrameWriter } from "./frame-writer.ts";

export type AgentSessionsOptions = SessionIdentity & {
  readonly token?: string;
  /** An output above it fails its step. */
  readonly payloadBytesMax: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
};

const reconnect = { initialMs: 100, maxMs: 2_000 };
const pingEveryMs = 1_000;
/** Without a frame for so long the agent gets no new work. */
const silenceMsMax = 3_000;

/** Opens sessions over gRPC, each on a connection of its own: others' cancels must not reset it. */
export function agentSessions(options: AgentSessionsOptions): AgentConnector {
  return { connect: (agent, listener) => new GrpcAgentSession(options, agent, listener) };
}

type Stream = ClientDuplex<SessionRequest, { readonly entries: readonly AgentEntry[] }>;

/**
 * One agent's session, reopened with jittered backoff until it is closed.
 *
 * 1. A session opens with hello → welcome → claim → in-flight; only then is it connected.
 * 2. What is written while it is not connected is dropped: the next claim shows what is missing.
 */
class GrpcAgentSession implements AgentSession {
  readonly #options: AgentSessionsOptions;
  readonly #agent: AgentRecord;
  readonly #listener: SessionListener;
  readonly #channel: ReturnType<typeof createChannel>;
  #stream: Stream | undefined;
  #welcome: WelcomeMessage | undefined;
  /** Set while connected. */
  #writer: FrameWriter | undefined;
  #timer: CancelTimer = () => {};
  #failures = 0;
  #lastHeardAt = 0;
  #isSilent = false;
  #isClosed = false;

  constructor(options: AgentSessionsOptions, agent: AgentRecord, listener: SessionListener) {
    this.#options = options;
    this.#agent = agent;
    this.#listener = listener;
    const { token } = options;
    this.#channel = createChannel({
      address: agent.address,
      exclusive: true,
      ...(token === undefined ? {} : { token }),
    });
    // The caller has to have this object before it hears of it.
    queueMicrotask(() => this.#open());
  }

  dispatch({ dispatchId, capability, namespace, workflow, input, timeLeftMs }: Dispatch): boolean {
    if (!this.#writer) return false;
    const { shard, epoch } = this.#options;
    const value: DispatchMessage = {
      $typeName: "weft.agent.v1.Dispatch",
      dispatchId,
      shard,
      epoch,
      capability,
      namespace,
      workflow,
      input: Buffer.from(input.text),
      timeLeftMs: BigInt(timeLeftMs),
      chunkedBytes: 0,
    };
    this.#writer.dispatch({ case: "dispatch", value });
    return true;
  }

  cancel(dispatchId: string, reason: string): void {
    const { shard, epoch } = this.#options;
    const value = { $typeName: "weft.agent.v1.Cancel", dispatchId, shard, epoch, reason } as const;
    this.#writer?.about(dispatchId, { case: "cancel", value });
  }

  extend(dispatchId: string, timeLeftMs: number): void {
    const { shard, epoch } = this.#options;
    const value = {
      $typeName: "weft.agent.v1.Extend",
      dispatchId,
      shard,
      epoch,
      timeLeftMs: BigInt(timeLeftMs),
    } as const;
    this.#writer?.about(dispatchId, { case: "extend", value });
  }

  ack(dispatchId: string): void {
    this.#writer?.ack(dispatchId);
  }

  close(): void {
    this.#isClosed = true;
    this.#writer = undefined;
    this.#timer();
    this.#stream?.cancel();
    this.#channel.close();
  }

  #open(): void {
    if (this.#isClosed) return;
    const stream: Stream = this.#channel.client(AgentService).session();
    this.#stream = stream;
    stream.onMessage(({ entries }) => this.#heard(stream, entries));
    stream.onEnd((error) => this.#ended(stream, error?.message ?? "the agent ended it"));
    stream.write(helloOf(this.#options));
  }

  #heard(stream: Stream, entries: readonly AgentEntry[]): void {
    if (stream !== this.#stream || this.#isClosed) return;
    this.#lastHeardAt = this.#options.clock.monotonic();
    if (this.#isSilent) this.#setSilent(false);
    for (const { entry } of entries) {
      if (entry.case === "welcome") this.#welcomed(stream, entry.value);
      else if (entry.case === "inFlight") this.#settled(stream, entry.value);
      else if (this.#writer) tell(this.#listener, entry, this.#options.payloadBytesMax);
    }
  }

  #welcomed(stream: Stream, welcome: WelcomeMessage): void {
    this.#welcome = welcome;
    stream.write(claimOf(this.#options, this.#listener.believedInFlight()));
  }

  #settled(stream: Stream, inFlight: InFlight): void {
    const { shard, epoch, logger } = this.#options;
    if (!this.#welcome || inFlight.shard !== shard) return;
    if (inFlight.epoch > epoch) {
      logger.error(
        { agentId: this.#agent.agentId },
        "the agent knows a newer owner of the shard: it takes nothing from here",
      );
      return stream.cancel();
    }
    this.#failures = 0;
    this.#writer = new FrameWriter(stream, (dispatchIds) => ({
      case: "resultAck",
      value: { $typeName: "weft.agent.v1.ResultAck", shard, epoch, dispatchIds },
    }));
    logger.info({ agentId: this.#agent.agentId, address: this.#agent.address }, "session open");
    this.#listener.connected(welcomeOf(this.#welcome, inFlight));
    this.#ping(1n);
  }

  #ping(nonce: bigint): void {
    const { clock } = this.#options;
    this.#writer?.urgent({ case: "ping", value: { $typeName: "weft.agent.v1.Ping", nonce } });
    this.#timer = clock.after(pingEveryMs, () => {
      if (!this.#isSilent && clock.monotonic() - this.#lastHeardAt > silenceMsMax) this.#setSilent(true);
      this.#ping(nonce + 1n);
    });
  }

  #setSilent(isSilent: boolean): void {
    this.#isSilent = isSilent;
    this.#listener.silenceChanged(isSilent);
  }

  #ended(stream: Stream, reason: string): void {
    if (stream !== this.#stream || this.#isClosed) return;
    this.#timer();
    const wasConnected = this.#writer !== undefined;
    this.#stream = undefined;
    this.#welcome = undefined;
    this.#writer = undefined;
    this.#isSilent = false;
    const { clock, random, logger } = this.#options;
    const delayMs = backoffMs(reconnect, ++this.#failures, random);
    this.#timer = clock.after(delayMs, () => this.#open());
    if (!wasConnected) return;
    logger.warn({ agentId: this.#agent.agentId, reason }, "session lost");
    this.#listener.disconnected();
  }
}
