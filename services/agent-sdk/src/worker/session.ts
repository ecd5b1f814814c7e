/**
 * One session stream of an orchestrator: from hello to its end. It owns the greeting and the outbox; what the
 * entries mean is the worker's to decide.
 *
 * Invariants
 *  1. Nothing but hello is taken first, and hello is taken once.
 *  2. After the end of the stream, or its replacement, no entry of it reaches the worker.
 */
import type {
  Dispatch,
  OrchestratorEntry,
  SessionRequest,
  SessionResponse,
} from "@weft/proto/weft/agent/v1/agent_pb";
import { type Clock, Code, RpcError, type ServerDuplex } from "@weft/runtime/grpc";
import { type Breach, isBreach } from "@weft/runtime/payload-chunks";
import type { AgentDefinition } from "../agent.ts";
import type { Log } from "../context.ts";
import { assertNever } from "./core/assert-never.ts";
import type { SessionEffect } from "./core/effect.ts";
import { commonFlow, commonVersion, plainFlow, versions } from "./core/handshake.ts";
import type { Limits } from "./core/limits.ts";
import { failed, laterUnsupported, type Outcome, outputTooLarge } from "./core/outcome.ts";
import type { Told } from "./core/worker-state.ts";
import { textBytesMax, textsBytesMax } from "./frame.ts";
import { IncomingInputs } from "./incoming-inputs.ts";
import { Liveness, pingAfterMs, unansweredPingsMax } from "./liveness.ts";
import {
  creditEntry,
  drainingEntry,
  inFlightEntry,
  pingEntry,
  rejectedEntry,
  unsupportedEntry,
  welcomeEntry,
} from "./messages.ts";
import { Outbox } from "./outbox.ts";
import type { Worker } from "./worker.ts";

export type Identity = { readonly agentId: string; readonly incarnation: string };

export type SessionOptions = {
  readonly agent: AgentDefinition;
  readonly identity: Identity;
  readonly worker: Worker;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
};

export class Session {
  readonly #stream: ServerDuplex<SessionRequest, SessionResponse>;
  readonly #options: SessionOptions;
  readonly #outbox: Outbox;
  #status: "greeting" | "open" | "ended" = "greeting";
  #id = 0;
  #version = 0;
  #orchestratorId = "";
  #knowsLater = false;
  /** Of an output; 0: the orchestrator did not say. */
  #outputBytesMax = 0;
  #inputs: IncomingInputs;
  /** Of an orchestrator that answers pings. */
  #liveness: Liveness | undefined;

  constructor(stream: ServerDuplex<SessionRequest, SessionResponse>, options: SessionOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#inputs = new IncomingInputs(plainFlow, 0);
    this.#outbox = new Outbox(stream, () =>
      this.#fail(Code.RESOURCE_EXHAUSTED, "SLOW_READER", "the orchestrator does not read what it is sent"),
    );
    stream.onMessage((frame) => this.#receive(frame));
    stream.onEnd(() => this.end());
    stream.onClose(() => this.#leave("the stream closed"));
  }

  /** Sends what waits, then ends the stream. */
  end(): void {
    if (this.#status === "ended") return;
    this.#outbox.flush();
    this.#leave("ended");
    this.#stream.end();
  }

  #receive(frame: SessionRequest): void {
    this.#liveness?.heard();
    for (const entry of frame.entries) {
      if (this.#status === "open") this.#take(entry);
      else if (this.#status === "greeting") this.#greet(entry);
    }
    if (this.#status !== "open") return;
    const bytes = this.#inputs.grant();
    if (bytes > 0) this.#outbox.control(creditEntry(bytes), 0);
  }

  #greet({ entry }: OrchestratorEntry): void {
    if (entry.case !== "hello")
      return this.#fail(Code.FAILED_PRECONDITION, "HELLO_EXPECTED", "a session begins with hello");
    const { orchestratorId, cluster, versions: theirs, features, payloadBytesMax } = entry.value;
    if (orchestratorId === "")
      return this.#fail(Code.INVALID_ARGUMENT, "ORCHESTRATOR_ID_REQUIRED", "hello has no orchestrator_id");
    const version = commonVersion(theirs);
    if (version === undefined)
      return this.#fail(
        Code.FAILED_PRECONDITION,
        "NO_COMMON_VERSION",
        `this agent speaks protocol versions ${versions.min} to ${versions.max}, the orchestrator ${theirs?.min ?? 0} to ${theirs?.max ?? 0}`,
      );
    this.#status = "open";
    this.#version = version;
    this.#orchestratorId = orchestratorId;
    this.#knowsLater = features.includes("later");
    this.#outputBytesMax = payloadBytesMax;
    const flow = commonFlow(features);
    this.#outbox.agree(flow);
    this.#inputs = new IncomingInputs(flow, this.#options.limits.inputBytesMax);
    if (flow.ping) this.#liveness = this.#watch();
    this.#options.log.info("orchestrator connected", { orchestratorId, cluster });
    const { worker } = this.#options;
    this.#id = worker.join({ tell: (effect) => this.#tell(effect) });
    worker.apply({ kind: "session.opened", session: this.#id, cluster, orchestratorId });
  }

  #take({ entry, mustUnderstand, $unknown }: OrchestratorEntry): void {
    const { worker } = this.#options;
    const session = this.#id;
    switch (entry.case) {
      case "dispatch":
        return this.#dispatch(entry.value);
      case "chunk":
        return this.#check(this.#inputs.chunk(entry.value));
      case "credit":
        return this.#outbox.credit(entry.value.bytes);
      case "resultAck":
        return worker.apply({ kind: "result-ack", session, ...entry.value });
      case "cancel":
        return worker.apply({ kind: "cancel", session, ...entry.value });
      case "extend":
        return worker.apply({ kind: "extend", session, ...entry.value });
      case "wait":
        return worker.apply({ kind: "wait", session, ...entry.value, ageMs: Number(entry.value.ageMs) });
      case "claim":
        return worker.apply({ kind: "claim", session, shard: entry.value.shard, epoch: entry.value.epoch });
      case "ping":
        return this.#outbox.pong(entry.value.nonce);
      case "pong":
        return;
      case "unsupported":
        return this.#options.log.warn("the orchestrator did not understand", {
          message: entry.value.message,
        });
      case "hello":
        return this.#fail(Code.FAILED_PRECONDITION, "HELLO_TWICE", "hello comes once, at the beginning");
      case undefined:
        if (mustUnderstand) this.#refuseUnknown($unknown?.[0]?.no);
        return;
      default:
        return assertNever(entry);
    }
  }

  #watch(): Liveness {
    const silenceMs = pingAfterMs * (unansweredPingsMax + 1);
    const why = `nothing came from the orchestrator for ${silenceMs} ms, and no answer to a ping`;
    return new Liveness({
      clock: this.#options.clock,
      ping: (nonce) => this.#outbox.control(pingEntry(nonce), 0),
      silent: () => this.#fail(Code.UNAVAILABLE, "SILENT", why),
    });
  }

  #dispatch(message: Dispatch): void {
    const dispatch = this.#inputs.dispatch(message);
    if (isBreach(dispatch)) this.#check(dispatch);
    else this.#options.worker.apply({ kind: "dispatch", session: this.#id, dispatch });
  }

  #check(breach: Breach | undefined): void {
    if (breach) this.#fail(Code.INVALID_ARGUMENT, breach.reason, breach.message);
  }

  #refuseUnknown(field: number | undefined): void {
    const message = `protocol version ${this.#version} has no such entry${field === undefined ? "" : ` (field ${field})`}`;
    this.#outbox.control(unsupportedEntry(message), textBytesMax(message));
  }

  #tell(effect: SessionEffect): void {
    switch (effect.kind) {
      case "result":
        return this.#outbox.result(effect.dispatchId, this.#understood(effect.outcome));
      case "accepted":
        return this.#outbox.accepted(effect.dispatchId);
      case "progress":
        return this.#outbox.progress(effect);
      case "load":
        return this.#outbox.load(effect);
      case "rejected":
        return this.#outbox.control(rejectedEntry(effect), textBytesMax(effect.dispatchId));
      case "in-flight":
        return this.#outbox.control(
          inFlightEntry(effect),
          textsBytesMax(effect.running) + textsBytesMax(effect.finished),
        );
      case "welcome":
        return this.#welcome(effect);
      case "draining":
        return this.#outbox.control(drainingEntry(), 0);
      case "end":
        return effect.cause === "REPLACED"
          ? this.#fail(Code.ABORTED, "REPLACED", "a newer session of this orchestrator took over")
          : this.#fail(Code.RESOURCE_EXHAUSTED, "TOO_MANY", "the agent holds too many sessions or shards");
      default:
        return assertNever(effect);
    }
  }

  /** What this orchestrator can take: one from before "later" would pass the entry over, and its step would hang. */
  #understood(outcome: Outcome): Outcome {
    switch (outcome.status) {
      case "succeeded": {
        const { byteLength } = outcome.output;
        if (this.#outputBytesMax === 0 || byteLength <= this.#outputBytesMax) return outcome;
        return failed(outputTooLarge(byteLength, this.#outputBytesMax));
      }
      case "later":
        return this.#knowsLater ? outcome : failed(laterUnsupported(`orchestrator ${this.#orchestratorId}`));
      case "failed":
        return outcome;
      default:
        return assertNever(outcome);
    }
  }

  #welcome({ busyElsewhere, otherOrchestrators }: Told): void {
    const { agent, identity, limits } = this.#options;
    const capabilities = Object.keys(agent.capabilities);
    const entry = welcomeEntry({
      ...identity,
      version: this.#version,
      slots: agent.slots,
      capabilities,
      busyElsewhere,
      otherOrchestrators,
      payloadBytesMax: limits.inputBytesMax,
    });
    this.#outbox.control(entry, textsBytesMax([...capabilities, identity.agentId, identity.incarnation]));
  }

  #fail(code: Code, reason: string, message: string): void {
    this.#leave(message);
    this.#stream.fail(new RpcError(code, message, { reason }));
  }

  #leave(why: string): void {
    const was = this.#status;
    this.#status = "ended";
    this.#liveness?.stop();
    if (was !== "open") return;
    this.#options.log.info("orchestrator disconnected", { orchestratorId: this.#orchestratorId, why });
    this.#options.worker.leave(this.#id);
  }
}
