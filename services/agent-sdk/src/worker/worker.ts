/**
 * Runs the worker's rules against real time and real handlers. It owns the state, the signal of each running
 * handler, and two timers: one for all that is due for runs, one that gathers changes of load.
 *
 * Invariants
 *  1. All inputs pass `apply`, one after the other; effects are performed in their order.
 *  2. A handler whose outcome is there at once is finished within the input that started it, so that its
 *     result travels in the frame in which `accepted` would have; with a store, once its success is on disk.
 *  3. The wake-up timer is armed no later than the state's wakeAtMs.
 */
import type { CancelTimer, Clock } from "@weft/runtime/grpc";
import type { AgentDefinition } from "../agent.ts";
import type { Log } from "../context.ts";
import { apply } from "./core/apply.ts";
import { assertNever } from "./core/assert-never.ts";
import type { Effect, RejectionReason, SessionEffect } from "./core/effect.ts";
import type { Dispatch, Input } from "./core/input.ts";
import type { Limits } from "./core/limits.ts";
import type { Outcome } from "./core/outcome.ts";
import { createWorkerState, freeSlots, isDrained, type Run, type WorkerState } from "./core/worker-state.ts";
import { inHandlerSpan } from "./handler-span.ts";
import type { IdempotencyStore } from "./idempotency-store.ts";
import { abortReason } from "./outcome-of-error.ts";
import { runStep } from "./run-step.ts";
import { stepContext, stepFields } from "./step-context.ts";

/** An open session, as the worker sees it. */
export type Peer = { tell(effect: SessionEffect): void };

export type ExecuteAnswer =
  | { readonly kind: "execute.rejected"; readonly reason: RejectionReason }
  | { readonly kind: "execute.ended"; readonly outcome: Outcome };

export type WorkerOptions = {
  readonly agent: AgentDefinition;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  /** Keeps successes over restarts; undefined: they are kept in memory alone. */
  readonly store: Pick<IdempotencyStore, "kept" | "put"> | undefined;
  /** Free slots changed; gathered over loadGatherMs. */
  onLoad(freeSlots: number): void;
};

const loadGatherMs = 20;

export class Worker {
  readonly #options: WorkerOptions;
  readonly #state: WorkerState;
  readonly #peers = new Map<number, Peer>();
  readonly #signals = new Map<string, AbortController>();
  readonly #callers = new Map<string, (answer: ExecuteAnswer) => void>();
  readonly #drained = Promise.withResolvers<void>();
  #lastSession = 0;
  #cancelLoad: CancelTimer | undefined;
  #wakeArmedMs = Number.POSITIVE_INFINITY;
  #cancelWake: CancelTimer | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { slots, capabilities } = options.agent;
    this.#state = createWorkerState({
      slots,
      capabilities: new Map(
        Object.entries(capabilities).map(([name, { maxConcurrency }]) => [name, maxConcurrency]),
      ),
      limits: options.limits,
    });
    const nowMs = options.clock.now();
    for (const { key, output, atMs } of options.store?.kept ?? [])
      this.apply({ kind: "remembered", key, output, ageMs: Math.max(0, nowMs - atMs) });
  }

  get freeSlots(): number {
    return freeSlots(this.#state);
  }

  get running(): number {
    return this.#state.runs.size;
  }

  get unacknowledged(): number {
    return this.#state.results.size;
  }

  /** Gives a peer the number by which inputs name its session; effects of that session are told to it. */
  join(peer: Peer): number {
    this.#peers.set(++this.#lastSession, peer);
    return this.#lastSession;
  }

  leave(session: number): void {
    this.#peers.delete(session);
    this.apply({ kind: "session.closed", session });
  }

  execute(dispatch: Dispatch): Promise<ExecuteAnswer> {
    return new Promise((resolve) => {
      if (this.#callers.has(dispatch.dispatchId))
        return resolve({ kind: "execute.rejected", reason: "FULL" });
      this.#callers.set(dispatch.dispatchId, resolve);
      this.apply({ kind: "execute", dispatch });
    });
  }

  /** Takes nothing new from now on; resolves when nothing runs and every result is acknowledged. */
  drain(): Promise<void> {
    this.apply({ kind: "drain" });
    return this.#drained.promise;
  }

  /** Aborts what still runs and lets go of the timers. */
  stop(): void {
    for (const signal of this.#signals.values()) signal.abort(abortReason({ kind: "stopping" }));
    this.#cancelWake?.();
    this.#cancelLoad?.();
  }

  apply(input: Input): void {
    const effects = apply(this.#state, input, this.#options.clock.monotonic());
    if (input.kind === "dispatch" && effects[0]?.kind === "result")
      this.#options.log.info("answered with a kept result", stepFields(input.dispatch));
    for (const effect of effects) this.#perform(effect);
    if (this.#state.wakeAtMs < this.#wakeArmedMs) this.#armWake();
    if (this.#state.loadChanged && !this.#cancelLoad) this.#gatherLoad();
    if (this.#state.draining && isDrained(this.#state)) this.#drained.resolve();
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "run":
        return this.#run(effect.dispatch);
      case "abort":
        return this.#signals.get(effect.dispatchId)?.abort(abortReason(effect.cause));
      case "execute.rejected":
      case "execute.ended":
        this.#callers.get(effect.dispatchId)?.(effect);
        this.#callers.delete(effect.dispatchId);
        return;
      case "welcome":
      case "in-flight":
      case "accepted":
      case "rejected":
      case "progress":
      case "result":
      case "load":
      case "draining":
      case "end":
        return this.#peers.get(effect.session)?.tell(effect);
      default:
        return assertNever(effect);
    }
  }

  #run(dispatch: Dispatch): void {
    const { dispatchId, capability: name, input } = dispatch;
    const capability = this.#options.agent.capabilities[name];
    const run = this.#state.runs.get(dispatchId);
    if (!capability || !run) throw new Error(`${name} was admitted without a capability or a slot`);
    const controller = new AbortController();
    this.#signals.set(dispatchId, controller);
    const context = stepContext(dispatch, {
      signal: controller.signal,
      log: this.#options.log,
      now: () => this.#options.clock.monotonic(),
      deadlineMs: () => run.deadlineMs,
      progress: (fraction, message) => this.apply({ kind: "progressed", dispatchId, fraction, message }),
    });
    const { payloadBytesMax } = this.#options.limits;
    const outcome = inHandlerSpan(name, context, () =>
      runStep({ name, capability, input, context, payloadBytesMax }),
    );
    if (outcome instanceof Promise) void outcome.then((late) => this.#keep(run, late));
    else this.#keep(run, outcome);
  }

  /** On disk before anybody hears of it: whoever kills the agent after that does not make the step run again. */
  #keep({ dispatchId, successKey }: Run, outcome: Outcome): void {
    const { store } = this.#options;
    if (!store || outcome.status !== "succeeded") return this.#finish(dispatchId, outcome);
    void store.put(successKey, outcome.output).then(() => this.#finish(dispatchId, outcome));
  }

  #finish(dispatchId: string, outcome: Outcome): void {
    this.#signals.delete(dispatchId);
    this.apply({ kind: "finished", dispatchId, outcome });
  }

  #armWake(): void {
    this.#cancelWake?.();
    const { clock } = this.#options;
    this.#wakeArmedMs = this.#state.wakeAtMs;
    this.#cancelWake = clock.after(this.#wakeArmedMs - clock.monotonic(), () => {
      this.#wakeArmedMs = Number.POSITIVE_INFINITY;
      this.apply({ kind: "woke" });
    });
  }

  #gatherLoad(): void {
    this.#cancelLoad = this.#options.clock.after(loadGatherMs, () => {
      this.#cancelLoad = undefined;
      this.apply({ kind: "load.due" });
      this.#options.onLoad(this.freeSlots);
    });
  }
}
