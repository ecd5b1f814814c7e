import {
  type AgentEntry,
  AgentService,
  type InFlight,
  type SessionRequest,
  type Succeeded,
  type Welcome as WelcomeMessage,
} from "@weft/proto/weft/agent/v1/agent_pb";
import { backoffMs } from "@weft/runtime/backoff";
import type { CancelTimer, Clock } from "@weft/runtime/clock";
import { type ClientDuplex, Code } from "@weft/runtime/grpc";
import type { Logger } from "@weft/runtime/logger";
import { type Breach, isBreach } from "@weft/runtime/payload-chunks";
import { Allowance } from "@weft/runtime/payload-credit";
import type {
  AgentConnector,
  AgentRecord,
  AgentSession,
  Dispatch,
  SessionListener,
  WaitingSteps,
} from "../app/agents.ts";
import { agentChannel } from "./agent-channel.ts";
import {
  ackOf,
  cancelOf,
  checkVersion,
  claimOf,
  creditOf,
  dispatchOf,
  extendOf,
  helloOf,
  inputRefusal,
  type Known,
  knownOf,
  pingOf,
  pongOf,
  requestOf,
  type SessionIdentity,
  tell,
  unsupportedOf,
  waitOf,
  welcomeOf,
} from "./agent-entries.ts";
import { FrameWriter } from "./frame-writer.ts";
import { IncomingResults } from "./incoming-results.ts";
import { SessionPulse } from "./session-pulse.ts";

export type AgentSessionsOptions = SessionIdentity & {
  readonly token?: string;
  /** An output above it fails its step. */
  readonly payloadBytesMax: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
};

const reconnect = { initialMs: 100, maxMs: 2_000 };
/** A result that is not durable gives its credit back after one to two times so many beats, 4 seconds. */
const ageBeats = 5n;
/** After a breach the same would likely come again: the longest pause. */
const breachFailures = 6;

/** Opens sessions over gRPC, each on a connection of its own: others' cancels must not reset it. */
export function agentSessions(options: AgentSessionsOptions): AgentConnector {
  return { connect: (agent, listener) => openAgentSession(options, agent, listener, () => {}) };
}

/** `onUnimplemented` is called, each time, when the agent serves no sessions; the session goes on trying. */
export function openAgentSession(
  options: AgentSessionsOptions,
  agent: AgentRecord,
  listener: SessionListener,
  onUnimplemented: () => void,
): AgentSession {
  return new GrpcAgentSession(options, agent, listener, onUnimplemented);
}

type Stream = ClientDuplex<SessionRequest, { readonly entries: readonly AgentEntry[] }>;

/** A connection from the agent's welcome on. */
type Link = {
  readonly welcome: WelcomeMessage;
  readonly known: Known;
  /** What the agent takes of inputs. */
  readonly allowance: Allowance;
  readonly results: IncomingResults;
  /** Set while connected. */
  writer: FrameWriter | undefined;
};

/**
 * One agent's session, reopened with jittered backoff until it is closed.
 *
 * 1. A session opens with hello → welcome → claim → in-flight; only then is it connected.
 * 2. What is written while it is not connected is dropped: the next claim shows what is missing.
 * 3. An agent that breaks the protocol loses its connection, and nothing else: the next one settles its work.
 */
class GrpcAgentSession implements AgentSession {
  readonly #options: AgentSessionsOptions;
  readonly #agent: AgentRecord;
  readonly #listener: SessionListener;
  readonly #onUnimplemented: () => void;
  readonly #channel: ReturnType<typeof agentChannel>;
  readonly #pulse: SessionPulse;
  #stream: Stream | undefined;
  #link: Link | undefined;
  #timer: CancelTimer = () => {};
  #failures = 0;
  #lastProblem = "";
  #isClosed = false;

  constructor(
    options: AgentSessionsOptions,
    agent: AgentRecord,
    listener: SessionListener,
    onUnimplemented: () => void,
  ) {
    this.#options = options;
    this.#onUnimplemented = onUnimplemented;
    this.#agent = agent;
    this.#listener = listener;
    this.#channel = agentChannel(agent.address, options.token);
    this.#pulse = new SessionPulse(options.clock, {
      beat: (number) => this.#beat(number),
      silenceChanged: (isSilent) => listener.silenceChanged(isSilent),
    });
    // The caller has to have this object before it hears of it.
    queueMicrotask(() => this.#open());
  }

  dispatch(dispatch: Dispatch): boolean {
    const link = this.#link;
    if (!link?.writer) return false;
    const { dispatchId, input } = dispatch;
    const refusal = inputRefusal(link.welcome, input);
    if (refusal) queueMicrotask(() => this.#listener.failed(dispatchId, refusal));
    else link.writer.dispatch(dispatchOf(this.#options, dispatch), input.text);
    return true;
  }

  cancel(dispatchId: string, reason: string): void {
    this.#link?.writer?.about(dispatchId, cancelOf(this.#options, dispatchId, reason));
  }

  extend(dispatchId: string, timeLeftMs: number): void {
    if (!this.#link?.known.extend) return;
    this.#link.writer?.about(dispatchId, extendOf(this.#options, dispatchId, timeLeftMs));
  }

  ack(dispatchId: string): void {
    const link = this.#link;
    if (!link?.writer) return;
    link.writer.ack(dispatchId);
    if (link.results.acked(dispatchId)) this.#grant(link);
  }

  wait(waiting: WaitingSteps): void {
    this.#link?.writer?.urgent(waitOf(waiting));
  }

  close(): void {
    this.#isClosed = true;
    this.#link = undefined;
    this.#timer();
    this.#pulse.stop();
    this.#stream?.cancel();
    this.#channel.close();
  }

  #open(): void {
    if (this.#isClosed) return;
    const stream: Stream = this.#channel.client(AgentService).session();
    this.#stream = stream;
    stream.onMessage(({ entries }) => this.#heard(stream, entries));
    stream.onEnd((error) => {
      this.#ended(stream, error?.message ?? "the agent ended it");
      if (error?.code === Code.UNIMPLEMENTED && !this.#isClosed) this.#onUnimplemented();
    });
    stream.write(helloOf(this.#options, this.#options.payloadBytesMax));
  }

  #heard(stream: Stream, entries: readonly AgentEntry[]): void {
    if (stream !== this.#stream || this.#isClosed) return;
    this.#pulse.heard();
    for (const entry of entries) {
      if (entry.entry.case === "welcome") this.#welcomed(stream, entry.entry.value);
      else if (this.#link) this.#take(stream, this.#link, entry);
      // What it says after a breach is not worth hearing.
      if (stream !== this.#stream) return;
    }
    if (this.#link) this.#grant(this.#link);
  }

  #take(stream: Stream, link: Link, { entry, mustUnderstand, $unknown }: AgentEntry): void {
    switch (entry.case) {
      case "inFlight":
        return this.#settled(stream, link, entry.value);
      case "credit":
        link.allowance.grant(entry.value.bytes);
        return link.writer?.resume();
      case "chunk":
        return this.#check(stream, link.results.chunk(entry.value));
      case "succeeded":
        return this.#succeeded(stream, link, entry.value);
      case "ping":
        return link.writer?.urgent(pongOf(entry.value.nonce));
      case "unsupported":
        return this.#options.logger.warn(
          { agentId: this.#agent.agentId, answer: entry.value.message },
          "the agent did not understand",
        );
      case undefined:
        if (mustUnderstand) link.writer?.urgent(unsupportedOf($unknown?.[0]?.no));
        return;
      default:
        if (link.writer) tell(this.#listener, entry, this.#options.payloadBytesMax);
    }
  }

  #succeeded(stream: Stream, link: Link, message: Succeeded): void {
    const value = link.results.success(message);
    if (isBreach(value)) this.#check(stream, value);
    else if (link.writer) tell(this.#listener, { case: "succeeded", value }, this.#options.payloadBytesMax);
  }

  #welcomed(stream: Stream, welcome: WelcomeMessage): void {
    if (this.#link) return;
    const unknown = checkVersion(welcome);
    if (unknown) return this.#check(stream, unknown);
    const known = knownOf(welcome);
    const results = new IncomingResults(known, this.#options.payloadBytesMax);
    this.#link = { welcome, known, allowance: new Allowance(known.credit), results, writer: undefined };
    const claim = claimOf(this.#options, this.#listener.believedInFlight());
    const bytes = results.grant();
    stream.write(requestOf(bytes > 0 ? [claim, creditOf(bytes)] : [claim]));
  }

  #settled(stream: Stream, link: Link, inFlight: InFlight): void {
    const { shard, epoch, logger } = this.#options;
    if (inFlight.shard !== shard || link.writer) return;
    if (inFlight.epoch > epoch) {
      logger.error(
        { agentId: this.#agent.agentId },
        "the agent knows a newer owner of the shard: it takes nothing from here",
      );
      return stream.cancel();
    }
    this.#failures = 0;
    this.#lastProblem = "";
    link.writer = new FrameWriter(stream, {
      ackOf: (dispatchIds) => ackOf(this.#options, dispatchIds),
      chunks: link.known.chunks,
      allowance: link.allowance,
    });
    logger.info({ agentId: this.#agent.agentId, address: this.#agent.address }, "session open");
    this.#listener.connected(welcomeOf(link.welcome, inFlight));
    this.#pulse.start();
  }

  #beat(number: bigint): void {
    const link = this.#link;
    if (!link) return;
    if (number % ageBeats === 0n) link.results.age();
    this.#grant(link);
    link.writer?.urgent(pingOf(number));
  }

  #grant({ results, writer }: Link): void {
    const bytes = writer ? results.grant() : 0;
    if (bytes > 0) writer?.urgent(creditOf(bytes));
  }

  #check(stream: Stream, breach: Breach | undefined): void {
    if (!breach) return;
    const { reason, message } = breach;
    this.#options.logger.error({ agentId: this.#agent.agentId, reason }, message);
    this.#failures = Math.max(this.#failures, breachFailures);
    stream.cancel();
    this.#ended(stream, `it broke the protocol: ${reason}`);
  }

  #ended(stream: Stream, reason: string): void {
    if (stream !== this.#stream || this.#isClosed) return;
    this.#pulse.stop();
    const wasConnected = this.#link?.writer !== undefined;
    this.#stream = undefined;
    this.#link = undefined;
    const { clock, random, logger } = this.#options;
    const { agentId } = this.#agent;
    const delayMs = backoffMs(reconnect, ++this.#failures, random);
    this.#timer = clock.after(delayMs, () => this.#open());
    if (wasConnected) {
      logger.warn({ agentId, reason }, "session lost");
      this.#listener.disconnected();
    } else if (reason !== this.#lastProblem) logger.warn({ agentId, reason }, "session not opened");
    this.#lastProblem = reason;
  }
}
