/**
 * An agent that serves Execute and no Session: a step is a call, and a Session call, which such an agent refuses
 * as UNIMPLEMENTED, is the ping that tells whether it lives.
 *
 * Invariants
 *  1. It is connected from a refused Session call until a call finds nobody.
 *  2. A call that broke may have run its step, and nobody can be asked: its step is reported lost, never as one
 *     that did not arrive. The pool takes that from a connection of another incarnation, so each connection that
 *     follows such calls, those of an earlier orchestrator too, begins with one.
 *  3. Each open call is answered at most once, and not after `close`.
 */
import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { AgentService, type ExecuteRequest, type ExecuteResponse } from "@weft/proto/weft/agent/v1/agent_pb";
import { backoffMs } from "@weft/runtime/backoff";
import type { CancelTimer } from "@weft/runtime/clock";
import { Code, type RpcError } from "@weft/runtime/grpc";
import type { AgentRecord, AgentRejection, AgentSession, Dispatch, SessionListener } from "../app/agents.ts";
import { failureFromOutside } from "../core/failure.ts";
import { agentChannel } from "./agent-channel.ts";
import { tell } from "./agent-entries.ts";
import type { AgentSessionsOptions } from "./agent-sessions.ts";

const reconnect = { initialMs: 100, maxMs: 2_000 };
const pingEveryMs = 1_000;
/** An unanswered ping makes the agent silent: it gets no new work. */
const silenceMsMax = 3_000;

export class UnaryAgentSession implements AgentSession {
  readonly #options: AgentSessionsOptions;
  readonly #agent: AgentRecord;
  readonly #listener: SessionListener;
  readonly #channel: ReturnType<typeof agentChannel>;
  readonly #calls = new Map<string, AbortController>();
  #timer: CancelTimer = () => {};
  /** Of the ping whose answer counts. */
  #lastPing = 0;
  #failures = 0;
  #status: "away" | "connected" | "silent" | "closed" = "away";

  constructor(options: AgentSessionsOptions, agent: AgentRecord, listener: SessionListener) {
    this.#options = options;
    this.#agent = agent;
    this.#listener = listener;
    this.#channel = agentChannel(agent.address, options.token);
    options.logger.info(
      { agentId: agent.agentId, address: agent.address },
      "no sessions there: calling Execute",
    );
    // The caller has to have this object before it hears of it.
    queueMicrotask(() => this.#ping());
  }

  dispatch(dispatch: Dispatch): boolean {
    if (this.#status === "away" || this.#status === "closed") return false;
    const { dispatchId } = dispatch;
    const controller = new AbortController();
    this.#calls.set(dispatchId, controller);
    const { execute } = this.#channel.client(AgentService);
    execute(requestOf(dispatch), { signal: controller.signal }).then(
      (response) => this.#answered(dispatchId, () => this.#succeeded(dispatchId, response)),
      (error: RpcError) => {
        const isOurs = controller.signal.aborted;
        this.#answered(dispatchId, () => this.#failed(dispatchId, error, isOurs));
      },
    );
    return true;
  }

  cancel(dispatchId: string): void {
    this.#calls.get(dispatchId)?.abort();
  }

  /** The call has no deadline: the attempt's is kept here, and ends in a cancel. */
  extend(): void {}

  /** The agent keeps nothing. */
  ack(): void {}

  /** It keeps no slot for anybody either. */
  wait(): void {}

  close(): void {
    this.#status = "closed";
    this.#timer();
    for (const call of this.#calls.values()) call.abort();
    this.#channel.close();
  }

  #answered(dispatchId: string, report: () => void): void {
    if (this.#calls.delete(dispatchId) && this.#status !== "closed") report();
  }

  #succeeded(dispatchId: string, { output }: ExecuteResponse): void {
    const text = JSON.stringify(output ? toJson(ValueSchema, output) : null);
    const value = {
      $typeName: "weft.agent.v1.Succeeded",
      dispatchId,
      output: Buffer.from(text),
      chunkedBytes: 0,
    } as const;
    tell(this.#listener, { case: "succeeded", value }, this.#options.payloadBytesMax);
  }

  #failed(dispatchId: string, { code, message, details }: RpcError, isCancelled: boolean): void {
    const { reason = "", metadata, retryAfterMs } = details;
    const rejection = rejectionOf(code, reason);
    if (rejection) return this.#listener.rejected(dispatchId, { reason: rejection, busyElsewhere: 0 });
    // An agent that answers so itself says why; without a reason it may as well be a connection that broke.
    if (breakCodes.has(code) && reason === "" && !isCancelled) return this.#lost(message);
    const retryable = metadata?.["retryable"] === undefined ? undefined : metadata["retryable"] === "true";
    this.#listener.failed(dispatchId, failureFromOutside({ code, message, retryable, retryAfterMs, reason }));
  }

  #ping(): void {
    const ping = ++this.#lastPing;
    const isCurrent = (): boolean => ping === this.#lastPing && this.#status !== "closed";
    const stream = this.#channel.client(AgentService).session();
    this.#timer = this.#options.clock.after(silenceMsMax, () => this.#silent());
    stream.onMessage(() => {});
    stream.onEnd((error) => {
      if (!isCurrent()) return;
      if (error?.code === Code.UNIMPLEMENTED) this.#alive();
      else this.#lost(error?.message ?? "the agent serves sessions now");
    });
  }

  #alive(): void {
    this.#timer();
    this.#failures = 0;
    const was = this.#status;
    this.#status = "connected";
    this.#timer = this.#options.clock.after(pingEveryMs, () => this.#ping());
    if (was === "silent") this.#listener.silenceChanged(false);
    else if (was === "away") this.#connected();
  }

  #silent(): void {
    if (this.#status !== "connected") return;
    this.#status = "silent";
    this.#listener.silenceChanged(true);
  }

  #connected(): void {
    const { incarnation, slots } = this.#agent;
    const running = new Set(this.#calls.keys());
    const load = { slots, busyElsewhere: 0, otherOrchestrators: 0 };
    const welcome = { incarnation, ...load, running, finished: new Set<string>() };
    if (this.#listener.believedInFlight().some((dispatchId) => !this.#calls.has(dispatchId)))
      this.#listener.connected({ ...welcome, incarnation: `${incarnation}, calls broken` });
    this.#listener.connected(welcome);
  }

  #lost(reason: string): void {
    this.#timer();
    this.#lastPing++;
    const wasConnected = this.#status !== "away";
    this.#status = "away";
    const { clock, random, logger } = this.#options;
    this.#timer = clock.after(backoffMs(reconnect, ++this.#failures, random), () => this.#ping());
    if (!wasConnected) return;
    logger.warn({ agentId: this.#agent.agentId, reason }, "agent lost");
    this.#listener.disconnected();
  }
}

/** What grpc-js makes of a dropped connection and of a stream that was reset. */
const breakCodes: ReadonlySet<Code> = new Set([Code.UNAVAILABLE, Code.CANCELLED]);

const rejections = ["FULL", "DRAINING", "UNKNOWN_CAPABILITY", "FENCED"] as const;

/** What was certainly not taken; undefined for a failure of the step. */
function rejectionOf(code: Code, reason: string): AgentRejection["reason"] | undefined {
  if (code === Code.UNIMPLEMENTED && reason === "") return "UNKNOWN_CAPABILITY";
  return rejections.find((rejection) => rejection === reason);
}

function requestOf({ dispatchId, capability, namespace, workflow, input, trace }: Dispatch): ExecuteRequest {
  const attempt = dispatchId.lastIndexOf("/", dispatchId.lastIndexOf("/") - 1);
  return {
    $typeName: "weft.agent.v1.ExecuteRequest",
    dispatchId,
    idempotencyKey: dispatchId.slice(0, attempt),
    capability,
    namespace,
    workflow,
    input: fromJson(ValueSchema, JSON.parse(input.text) as JsonValue),
    traceparent: trace?.traceparent ?? "",
    tracestate: trace?.tracestate ?? "",
  };
}
