import { Budget } from "@weft/balancer";
import { dispatchId, parseDispatchId } from "../core/dispatch-id.ts";
import type { Effect } from "../core/effect.ts";
import type { Failure } from "../core/failure.ts";
import type { Fact } from "../core/input.ts";
import type { TraceContext } from "../core/trace-context.ts";
import { verdictOn } from "../core/verdict.ts";
import { AgentPool, type PoolListener, type PoolOptions } from "./agent-pool.ts";
import type { AgentRejection, Welcome } from "./agents.ts";
import { AttemptTimers } from "./attempt-timers.ts";
import { type InFlight, InFlightTable } from "./in-flight.ts";
import { Slots, type SlotsListener, type SlotsOptions } from "./slots.ts";

/** What the dispatcher tells the engine. */
export type DispatchListener = Pick<SlotsListener, "bind" | "breakerChanged" | "waited"> & {
  /** `onDurable` runs when the fact, or the decision to ignore it, is durable. */
  deliver(executionId: string, fact: Fact, onDurable: () => void): void;
  progressed(executionId: string, step: string, fraction: number, message: string): void;
  /** One send fewer of the execution is out: before whatever is delivered of it. */
  returned(executionId: string): void;
};

/** What a step's send needs beside the effect itself. */
export type Job = {
  readonly executionId: string;
  readonly namespace: string;
  readonly workflow: string;
  readonly capability: string;
  readonly heartbeatTimeoutMs: number | undefined;
  readonly trace?: TraceContext | undefined;
};

type Send = Extract<Effect, { kind: "send" }>;
type Cancel = Extract<Effect, { kind: "cancel" }>;
type Extend = Extract<Effect, { kind: "extend" }>;

export type DispatcherOptions = Omit<PoolOptions, "fleet"> &
  SlotsOptions & {
    /** How long agents that hold work may take to appear after a restart of the orchestrator. */
    readonly recoveryGraceMs: number;
    /** What an agent is told of its execution's trace; undefined: the trace as it came. */
    readonly contextOfSend?: ((trace: TraceContext, dispatchId: string) => TraceContext) | undefined;
  };

/** Failovers that may come together: as many as an agent that drains gives back. */
const failoversSavedMax = 100;

/**
 * Gets due steps to agents and their answers back.
 *
 * 1. A slot is reserved before the binding is durable, and released once: by the answer, or by the loss of
 *    the agent. Work that was cancelled keeps its slot until the agent answers. Work from before a restart
 *    takes its slot when its agent is found to run it.
 * 2. A result is acked only when it, or the decision to ignore it, is durable.
 * 3. The breakers hear of each send once, before its slot is free again.
 */
export class Dispatcher {
  readonly slots: Slots;
  readonly #options: DispatcherOptions;
  readonly #listener: DispatchListener;
  readonly #inFlight = new InFlightTable();
  readonly #budget: Budget;
  readonly #pool: AgentPool;

  constructor(options: DispatcherOptions, listener: DispatchListener) {
    this.#options = options;
    this.#listener = listener;
    this.#budget = new Budget(failoversSavedMax, options.clock.monotonic());
    this.slots = new Slots(options, {
      incarnationOf: (agentId) => this.#pool.incarnationOf(agentId),
      bind: (waiter, binding) => listener.bind(waiter, binding),
      breakerChanged: (change) => listener.breakerChanged(change),
      sharedAgents: (capability) => this.#pool.sharedAgents(capability),
      waited: (capability, ms) => listener.waited(capability, ms),
      tellWait: (agentId, waiting) => this.#pool.sessionOf(agentId)?.wait(waiting),
    });
    this.#pool = new AgentPool({ ...options, fleet: this.slots.fleet }, this.#poolListener());
  }

  start(): void {
    this.#pool.start();
  }

  stop(): void {
    this.#pool.stop();
    this.slots.stop();
    this.#inFlight.clear();
  }

  isReachable(agentId: string): boolean {
    return this.#pool.isReachable(agentId);
  }

  /** Steps that are out at agents. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** The binding is durable: write it to the agent. */
  send(job: Job, effect: Send): void {
    const entry = this.#track(job, effect, { hasSlot: true, graceMs: 0 });
    const session = this.#pool.sessionOf(effect.binding.agentId, effect.binding.incarnation);
    if (!session) return this.#neverSent(entry, "the agent was gone before it could be sent");
    const { contextOfSend } = this.#options;
    const { trace } = job;
    entry.wasWritten = session.dispatch({
      dispatchId: entry.dispatchId,
      capability: job.capability,
      namespace: job.namespace,
      workflow: job.workflow,
      input: effect.input,
      timeLeftMs: entry.timers.timeLeftMs,
      trace: trace && contextOfSend ? contextOfSend(trace, entry.dispatchId) : trace,
    });
  }

  /** After a restart: the step was sent by an earlier life, and its agent, once it is there, is asked for it. */
  resume(job: Job, effect: Send): void {
    const graceMs = this.#options.recoveryGraceMs;
    // First: of an agent that stays away it is said that it was lost, not that it was slow.
    this.#pool.expect(effect.binding.agentId, graceMs);
    this.#track(job, effect, { hasSlot: false, graceMs }).wasWritten = true;
  }

  cancel(executionId: string, effect: Cancel): void {
    const id = dispatchId(executionId, effect);
    const entry = this.#inFlight.get(id);
    if (!entry) return;
    entry.timers.stop();
    entry.cancelReason = effect.reason;
    this.#pool.sessionOf(entry.agentId)?.cancel(id, effect.reason);
  }

  /** The deadline has moved; none while the execution is paused. */
  extend(executionId: string, effect: Extend): void {
    const entry = this.#inFlight.get(dispatchId(executionId, effect));
    if (!entry) return;
    entry.timers.setDeadline(effect.deadlineMs);
    entry.wasExtended = true;
    this.#pool.sessionOf(entry.agentId)?.extend(entry.dispatchId, entry.timers.timeLeftMs);
  }

  #track(job: Job, effect: Send, { hasSlot, graceMs }: { hasSlot: boolean; graceMs: number }): InFlight {
    const { executionId, namespace, workflow, capability, heartbeatTimeoutMs } = job;
    const { step, attempt, send, binding, deadlineMs } = effect;
    const ref = { step, attempt, send };
    const overdue = (fact: Fact): void => {
      this.#judge(entry, { code: "DEADLINE_EXCEEDED" });
      this.#listener.deliver(executionId, fact, () => {});
    };
    const timers = new AttemptTimers({
      clock: this.#options.clock,
      heartbeatTimeoutMs,
      isAudible: () => this.#pool.isConnected(binding.agentId),
      onDeadline: (missedMs) => overdue({ kind: "step.timed_out", ...ref, deadlineMs: missedMs }),
      onHeartbeatMissed: () => overdue({ kind: "step.heartbeat_missed", ...ref }),
    });
    timers.setDeadline(deadlineMs, graceMs);
    const entry: InFlight = {
      dispatchId: dispatchId(executionId, ref),
      executionId,
      ...ref,
      ...binding,
      namespace,
      workflow,
      capability,
      timers,
      epoch: this.slots.epoch,
      sentAtMs: hasSlot ? this.#options.clock.monotonic() : undefined,
      hasSlot,
      wasWritten: false,
      cancelReason: undefined,
      wasExtended: false,
      madeProgress: false,
      isJudged: false,
      restMs: 0,
    };
    this.#inFlight.add(entry);
    return entry;
  }

  #poolListener(): PoolListener {
    return {
      believedInFlight: (agentId) => this.#inFlight.at(agentId).map((entry) => entry.dispatchId),
      reconcile: (agentId, welcome) => this.#reconcile(agentId, welcome),
      available: (agentId) => this.slots.serve(agentId),
      sharingChanged: (agentId, isShared) => this.slots.waits.sharingChanged(agentId, isShared),
      lost: (agentId, reason) => this.#lost(agentId, reason),
      succeeded: (agentId, id, payload) =>
        this.#answered(agentId, id, (ref) => ({ kind: "step.succeeded", ...ref, payload })),
      failed: (agentId, id, failure) =>
        this.#answered(agentId, id, (ref) => ({ kind: "step.failed", ...ref, failure }), failure),
      deferred: (agentId, id) => this.#answered(agentId, id, (ref) => ({ kind: "step.deferred", ...ref })),
      rejected: (_agentId, id, rejection) => this.#rejected(id, rejection),
      progressed: (id, fraction, message) => {
        const entry = this.#inFlight.get(id);
        if (!entry) return;
        entry.timers.heard();
        entry.madeProgress = true;
        this.slots.progressed(entry);
        this.#listener.progressed(entry.executionId, entry.step, fraction, message);
      },
    };
  }

  /** Also for answers that nobody waits for any more: a success of the current attempt still counts. */
  #answered(agentId: string, id: string, factOf: (ref: FactRef) => Fact, failure?: Failure): void {
    const entry = this.#inFlight.get(id);
    if (entry) this.#budget.completed();
    if (entry) this.#judge(entry, failure ?? "succeeded");
    this.#takeAnswered(id);
    const ref = entry ?? parseDispatchId(id);
    const ack = (): void => this.#pool.sessionOf(agentId)?.ack(id);
    if (!ref) return ack();
    const { executionId, step, attempt, send } = ref;
    this.#listener.deliver(executionId, factOf({ step, attempt, send }), ack);
  }

  #rejected(id: string, { reason }: AgentRejection): void {
    const entry = this.#takeAnswered(id);
    if (entry) this.#deliverRejection(entry, reason.toLowerCase().replaceAll("_", " "));
  }

  #takeAnswered(id: string): InFlight | undefined {
    const entry = this.#take(id);
    if (entry?.hasSlot) this.slots.release(entry, entry.restMs);
    return entry;
  }

  #take(id: string): InFlight | undefined {
    const entry = this.#inFlight.take(id);
    if (!entry) return undefined;
    this.#judge(entry, "neither");
    this.#listener.returned(entry.executionId);
    return entry;
  }

  /** Once for each send. One that we have cancelled says nothing. */
  #judge(entry: InFlight, end: "succeeded" | "neither" | Pick<Failure, "code" | "reason">): void {
    if (entry.isJudged) return;
    entry.isJudged = true;
    if (entry.cancelReason !== undefined) entry.restMs = this.slots.record(entry, "neither");
    else if (typeof end === "string") entry.restMs = this.slots.record(entry, end);
    else entry.restMs = this.slots.record(entry, verdictOn(end, entry.madeProgress), end.code);
  }

  #neverSent(entry: InFlight, reason: string): void {
    this.#take(entry.dispatchId);
    this.slots.release(entry);
    this.#deliverRejection(entry, reason);
  }

  #deliverRejection({ executionId, step, attempt, send }: InFlight, reason: string): void {
    const isAffordable = this.#budget.take(this.#options.clock.monotonic());
    const rejected = { kind: "step.rejected", step, attempt, send, reason, isAffordable } as const;
    this.#listener.deliver(executionId, rejected, () => {});
  }

  #lost(agentId: string, reason: string): void {
    for (const entry of this.#inFlight.at(agentId)) {
      this.#take(entry.dispatchId);
      if (entry.hasSlot) this.slots.fleet.release(agentId, entry.capability);
      if (entry.wasWritten) this.#deliverLoss(entry, reason);
      else this.#deliverRejection(entry, `it was never sent: ${reason}`);
    }
    if (this.#pool.incarnationOf(agentId) === undefined) this.slots.agentBreakers.forget(agentId);
  }

  #deliverLoss({ executionId, step, attempt, send }: InFlight, reason: string): void {
    this.#listener.deliver(executionId, { kind: "step.lost", step, attempt, send, reason }, () => {});
  }

  /** What the log believes to be there and is not has to go elsewhere; what is there and is not wanted is stopped. */
  #reconcile(agentId: string, { incarnation, running, finished }: Welcome): void {
    this.slots.waits.forgotten(agentId);
    const session = this.#pool.sessionOf(agentId);
    for (const entry of this.#inFlight.at(agentId)) {
      const { dispatchId: id, cancelReason } = entry;
      if (running.has(id)) {
        entry.timers.heard();
        if (!entry.hasSlot) entry.hasSlot = this.slots.fleet.reserveAt(agentId, entry.capability);
        if (cancelReason !== undefined) session?.cancel(id, cancelReason);
        else if (entry.wasExtended) session?.extend(id, entry.timers.timeLeftMs);
      } else if (!finished.has(id)) this.#missing(entry, incarnation);
    }
    for (const id of running)
      if (!this.#inFlight.get(id)) session?.cancel(id, "nobody waits for it any more");
  }

  /** Only the process that it was sent to can know that it never arrived. */
  #missing(entry: InFlight, incarnation: string): void {
    this.#takeAnswered(entry.dispatchId);
    if (entry.incarnation === incarnation) this.#deliverRejection(entry, "it never arrived");
    else this.#deliverLoss(entry, "a new process has taken its place");
  }
}

type FactRef = { readonly step: string; readonly attempt: number; readonly send: number };
