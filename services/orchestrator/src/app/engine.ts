import type { Waiting } from "@weft/balancer";
import type { CancelTimer, Clock } from "@weft/runtime/clock";
import { advance, type Transition } from "../core/advance.ts";
import { assertNever } from "../core/assert-never.ts";
import type { Effect } from "../core/effect.ts";
import { effects } from "../core/effects.ts";
import type { Binding, RecordedEvent } from "../core/event.ts";
import { blankExecution, dueAtMs, type Execution, findStep, hasEnded } from "../core/execution.ts";
import { executionId } from "../core/execution-id.ts";
import type { Fact, Input, Request } from "../core/input.ts";
import { isRejection, type Rejection, rejection } from "../core/rejection.ts";
import type { Workflow } from "../core/workflow.ts";
import { Dispatcher, type DispatcherOptions, type Job, type Waiter } from "./dispatcher.ts";
import type { GroupCommit } from "./group-commit.ts";
import { type Settled, withoutUnsent } from "./settled.ts";
import type { ExecutionEnd, ExecutionRow } from "./store.ts";
import type { WatchHub } from "./watch-hub.ts";

export type EngineOptions = DispatcherOptions & {
  readonly shard: number;
  readonly clock: Clock;
  readonly log: GroupCommit;
  readonly hub: WatchHub;
  /** Lower-case letters and digits, at least 8, unpredictable. */
  readonly randomId: () => string;
  readonly executionsInFlightMax: number;
};

export type NewExecution = {
  readonly workflow: Workflow;
  readonly start: Extract<Request, { kind: "start" }>;
  readonly requestId: string | null;
  readonly requestDigest: string | null;
};

/** An execution in memory, with what has to go when it ends. */
type Live = {
  readonly execution: Execution;
  readonly timers: Set<CancelTimer>;
  readonly waiting: Map<string, Waiting<Waiter>>;
};

/**
 * Runs executions: input → decide → append → evolve → effects, the effects when the append is durable.
 *
 * 1. Every change of an execution goes through `#apply`, in one turn of the event loop: its state is ahead of
 *    the log by what is being committed, and nothing of that is visible outside.
 * 2. A due step gets its slot before the commit, so that a completion and the send it causes are one commit.
 * 3. An execution leaves memory when its end is durable.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #live = new Map<string, Live>();
  readonly #dispatcher: Dispatcher;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#dispatcher = new Dispatcher(options, {
      bind: (waiter, binding) => this.#bind(waiter, binding),
      deliver: (id, fact, onDurable) => this.#deliver(id, fact, onDurable),
      progressed: (id, step, fraction, message) =>
        this.#options.hub.progress(id, { step, fraction, message, timeMs: this.#options.clock.now() }),
    });
  }

  get executionsInFlight(): number {
    return this.#live.size;
  }

  /** Takes over executions that an earlier life left unfinished, then looks for agents. */
  run(unfinished: Iterable<Execution>): void {
    for (const execution of unfinished) {
      const live = this.#adopt(execution);
      for (const effect of effects(execution)) this.#resume(live, effect);
    }
    this.#dispatcher.start();
  }

  stop(): void {
    this.#dispatcher.stop();
    for (const live of this.#live.values()) this.#forget(live);
    this.#live.clear();
  }

  /** Resolves with the id when the start is durable. */
  start({ workflow, start, requestId, requestDigest }: NewExecution): Promise<string> | Rejection {
    const { clock, shard, executionsInFlightMax } = this.#options;
    if (this.#live.size >= executionsInFlightMax)
      return rejection(
        "TOO_MANY_EXECUTIONS",
        `${executionsInFlightMax} executions are in flight; start again later`,
        {
          retryAfterMs: 1_000,
        },
      );
    const now = clock.now();
    const live = this.#adopt(blankExecution(executionId(shard, now, this.#options.randomId()), workflow));
    const { id } = live.execution;
    const row: ExecutionRow = {
      executionId: id,
      shard,
      namespace: start.namespace,
      workflow: workflow.definition.name,
      version: workflow.definition.version,
      status: "RUNNING",
      labels: start.labels,
      createdBy: start.createdBy,
      requestId,
      requestDigest,
      startedAtMs: now,
      endedAtMs: null,
      wakeAtMs: null,
    };
    // The answer is written after the sends have left: HTTP/2 sends at the end of the turn.
    return new Promise((resolve) => void this.#apply(live, start, () => setImmediate(resolve, id), row));
  }

  /** Resolves when the cancellation is durable; undefined for an execution that is not in memory. */
  cancel(
    id: string,
    request: Extract<Request, { kind: "cancel" }>,
  ): Promise<Rejection | "cancelled"> | undefined {
    const live = this.#live.get(id);
    if (!live) return undefined;
    return new Promise((resolve) => {
      const refused = this.#apply(live, request, () => resolve("cancelled"));
      if (refused) this.#options.log.barrier(() => resolve(refused));
    });
  }

  /** The execution as it is now, ahead of the log: whoever shows it waits for `log.barrier` first. */
  find(id: string): Execution | undefined {
    return this.#live.get(id)?.execution;
  }

  #adopt(execution: Execution): Live {
    const live: Live = { execution, timers: new Set(), waiting: new Map() };
    this.#live.set(execution.id, live);
    return live;
  }

  #deliver(id: string, fact: Fact, onDurable: () => void): void {
    const live = this.#live.get(id);
    if (live) this.#apply(live, fact, onDurable);
    else this.#options.log.barrier(onDurable);
  }

  #apply(live: Live, input: Input, onDurable: () => void, started?: ExecutionRow): Rejection | undefined {
    const outcome = advance(live.execution, input, this.#options.clock.now());
    if (isRejection(outcome)) return outcome;
    this.#commit(live, outcome, onDurable, started);
    return undefined;
  }

  #commit(live: Live, transition: Transition, onDurable: () => void, started?: ExecutionRow): void {
    const { events, pending, unused } = this.#settle(live, transition);
    if (events.length === 0) this.#options.log.barrier(onDurable);
    else {
      const ended = endOf(live.execution, pending);
      this.#options.log.append({
        executionId: live.execution.id,
        events,
        ...(started ? { started } : {}),
        ...(ended ? { ended } : {}),
        release: (firstPosition) => {
          // The agents first: they are what the execution waits for. After a stop nothing is held any more;
          // what is durable is for the next life.
          if (this.#live.get(live.execution.id) === live)
            for (const effect of pending) this.#perform(live, effect);
          onDurable();
          this.#options.hub.publish({ execution: live.execution, events, firstPosition });
        },
      });
    }
    // Only now: whoever takes the slot may be another step of this execution, and its events come after.
    for (const { binding, capability } of unused) this.#dispatcher.release(binding, capability);
  }

  /** Looks at what is due in the same commit, and at what that makes due; the other effects wait for it. */
  #settle(live: Live, { events, effects: first }: Transition): Settled {
    const settled: Settled = { events: [...events], pending: [], unused: [] };
    const now = this.#options.clock.now();
    const queue = [...first];
    for (let next = 0; next < queue.length; next++) {
      const effect = queue[next]!;
      if (effect.kind !== "due") settled.pending.push(effect);
      else if (effect.dueAtMs > now) this.#arm(live, effect);
      else queue.push(...this.#lookForSlot(live, effect.step, now, settled));
    }
    return withoutUnsent(settled, (step) => capabilityOf(live.execution, step));
  }

  #lookForSlot(live: Live, step: string, nowMs: number, settled: Settled): readonly Effect[] {
    const capability = capabilityOf(live.execution, step);
    const binding = this.#dispatcher.reserve(capability);
    const { events, effects: next } = due(live.execution, step, binding, nowMs);
    settled.events.push(...events);
    if (binding && !isBound(events)) settled.unused.push({ binding, capability });
    if (!binding && isDue(live.execution, step))
      live.waiting.set(step, this.#dispatcher.enqueue(capability, { executionId: live.execution.id, step }));
    return next;
  }

  /** A slot came free for a step that waited. */
  #bind({ executionId: id, step }: Waiter, binding: Binding): boolean {
    const live = this.#live.get(id);
    if (!live) return false;
    live.waiting.delete(step);
    const transition = due(live.execution, step, binding, this.#options.clock.now());
    this.#commit(live, transition, () => {});
    return isBound(transition.events);
  }

  #perform(live: Live, effect: Effect): void {
    switch (effect.kind) {
      case "send":
        return this.#dispatcher.send(jobOf(live.execution, effect.step), effect);
      case "cancel":
        return this.#dispatcher.cancel(live.execution.id, effect);
      case "timer":
      case "due":
        return this.#arm(live, effect);
      case "ended":
        this.#forget(live);
        this.#live.delete(live.execution.id);
        return;
      case "decide":
        throw new Error("advance settles what there is to decide");
      default:
        return assertNever(effect);
    }
  }

  #resume(live: Live, effect: Effect): void {
    if (effect.kind === "send") this.#dispatcher.resume(jobOf(live.execution, effect.step), effect);
    else this.#perform(live, effect);
  }

  #arm(live: Live, effect: Effect & { kind: "timer" | "due" }): void {
    const { clock } = this.#options;
    const cancel = clock.after(Math.max(0, effect.dueAtMs - clock.now()), () => {
      live.timers.delete(cancel);
      if (effect.kind === "timer") this.#apply(live, effect.fact, () => {});
      else this.#commit(live, { events: [], effects: [effect] }, () => {});
    });
    live.timers.add(cancel);
  }

  #forget(live: Live): void {
    for (const cancel of live.timers) cancel();
    for (const waiting of live.waiting.values()) this.#dispatcher.withdraw(waiting);
    live.timers.clear();
    live.waiting.clear();
  }
}

function due(execution: Execution, step: string, binding: Binding | undefined, nowMs: number): Transition {
  const outcome = advance(execution, { kind: "step.due", step, binding }, nowMs);
  return isRejection(outcome) ? { events: [], effects: [] } : outcome;
}

function isBound(events: readonly RecordedEvent[]): boolean {
  return events.some(({ event }) => event.kind === "step.started");
}

function isDue(execution: Execution, step: string): boolean {
  const run = findStep(execution, step)?.run;
  return run !== undefined && !hasEnded(execution) && dueAtMs(run) !== undefined;
}

function capabilityOf(execution: Execution, step: string): string {
  return findStep(execution, step)!.step.capability;
}

function jobOf(execution: Execution, step: string): Job {
  return {
    executionId: execution.id,
    namespace: execution.header!.namespace,
    workflow: execution.workflow.definition.name,
    capability: capabilityOf(execution, step),
  };
}

function endOf(execution: Execution, pending: readonly Effect[]): ExecutionEnd | undefined {
  const ended = pending.find((effect) => effect.kind === "ended");
  return ended && { executionId: execution.id, status: ended.status, endedAtMs: ended.endedAtMs };
}
