import type { Clock } from "@weft/runtime/clock";
import type { Logger } from "@weft/runtime/logger";
import { advance, type Transition } from "../core/advance.ts";
import { assertNever } from "../core/assert-never.ts";
import type { Effect } from "../core/effect.ts";
import type { Binding } from "../core/event.ts";
import type { Input } from "../core/input.ts";
import type { ExecutionLimits } from "../core/limits.ts";
import { isRejection, type Rejection } from "../core/rejection.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { capabilityOf, isBound, isDue, jobOf, lookAt, stepKeyOf, waiterOf } from "./due-steps.ts";
import { changeOf, endOf, storedStateOf } from "./execution-row.ts";
import type { GroupCommit } from "./group-commit.ts";
import { warnOfLargePayloads } from "./large-payloads.ts";
import type { Live } from "./live.ts";
import type { Abandonment } from "./log-entry.ts";
import type { Residents } from "./residents.ts";
import { type Settled, withoutUnsent } from "./settled.ts";
import { takeSnapshotWhenDue } from "./snapshots.ts";
import type { ExecutionRow } from "./store.ts";
import type { Waiter } from "./waiter.ts";
import type { WatchHub } from "./watch-hub.ts";

export type TransitionsOptions = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly log: GroupCommit;
  readonly hub: WatchHub;
  readonly limits: ExecutionLimits;
  readonly snapshotEveryEvents: number;
};

/** Where whoever caused a commit hears of it. */
export type Hearing = { readonly durable: () => void; readonly abandoned: (why: Abandonment) => void };

export const nobody: Hearing = { durable: () => {}, abandoned: () => {} };

/** A sleeping execution is woken so long before it has something to do. */
export const wakeAheadMs = 30_000;

/**
 * Takes executions in memory from one state to the next: input → decide → append → evolve → effects, the effects
 * when the append is durable.
 *
 * 1. Every change of an execution happens in one turn of the event loop: its state is ahead of the log by what
 *    is being committed, and nothing of that is visible outside.
 * 2. A due step gets its slot before the commit, so that a completion and the send it causes are one commit.
 * 3. An execution that has left memory hears of no effect and no timer any more.
 */
export class Transitions {
  readonly #options: TransitionsOptions;
  readonly #residents: Residents;
  readonly #dispatcher: Dispatcher;

  constructor(options: TransitionsOptions, residents: Residents, dispatcher: Dispatcher) {
    this.#options = options;
    this.#residents = residents;
    this.#dispatcher = dispatcher;
  }

  /** What the input leads to, unless it is refused. */
  apply(live: Live, input: Input, hearing: Hearing): Rejection | undefined {
    const outcome = advance(live.execution, input, this.#options.clock.now());
    const { events = [] } = isRejection(outcome) ? {} : outcome;
    if (!isRejection(outcome)) this.commit(live, outcome, hearing);
    // It may have been read from its log for this alone.
    if (events.length === 0) this.leave(live);
    return isRejection(outcome) ? outcome : undefined;
  }

  /** Makes a transition durable, together with all that it makes due at once. */
  commit(live: Live, transition: Transition, hearing: Hearing, started?: ExecutionRow): void {
    const { log, hub, limits, logger } = this.#options;
    const { execution } = live;
    const { events, pending, unused } = this.#settle(live, transition);
    const changed = this.#changed(live);
    if (events.length === 0 && !changed)
      log.barrier(hearing.durable, { executionId: execution.id, abandoned: hearing.abandoned });
    else {
      const ended = endOf(execution, pending);
      const snapshot = takeSnapshotWhenDue(live, this.#options.snapshotEveryEvents);
      live.uncommitted++;
      log.append({
        executionId: execution.id,
        events,
        ...(started ? { started } : {}),
        ...(changed ? { changed } : {}),
        ...(ended ? { ended } : {}),
        ...(snapshot ? { snapshot } : {}),
        release: (firstPosition) => {
          live.uncommitted--;
          // The agents first: they are what the execution waits for. After a stop nothing is held any more;
          // what is durable is for the next life.
          if (this.#residents.get(execution.id) === live)
            for (const effect of pending) this.perform(live, effect);
          hearing.durable();
          if (events.length > 0) hub.publish({ execution, events, firstPosition });
          this.leave(live);
        },
        abandoned: (why) => {
          hearing.abandoned(why);
          if (why === "QUARANTINED" || why === "NO_ROOM") this.#giveUp(live, pending);
        },
      });
      warnOfLargePayloads(logger, execution, events, limits.payloadBytesWarn);
    }
    // Only now: whoever takes the slot may be another step of this execution, and its events come after.
    for (const slot of unused) this.#giveBack(live, slot);
  }

  #giveBack(live: Live, { binding, step }: { readonly binding: Binding; readonly step: string }): void {
    const capability = capabilityOf(live.execution, step);
    this.#dispatcher.slots.giveBack(binding, capability, this.#breakerKey(live, step));
  }

  /** What was to follow never will. Its steps leave the queue first, so that its slots are for others. */
  #giveUp(live: Live, pending: readonly Effect[]): void {
    this.forget(live);
    for (const effect of pending) if (effect.kind === "send") this.#giveBack(live, effect);
  }

  #changed(live: Live): ReturnType<typeof changeOf> {
    const wanted = storedStateOf(live.execution, live.waiting.size > 0, this.#options.clock.now());
    const changed = changeOf(live.execution, live.stored, wanted);
    if (changed) live.stored = wanted;
    return changed;
  }

  /** Out of memory, if nothing keeps it there. */
  leave(live: Live): void {
    if (this.#residents.get(live.execution.id) !== live) return;
    if (!live.mayLeave(this.#options.clock.now() + wakeAheadMs)) return;
    this.forget(live);
    this.#residents.remove(live);
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
    this.#withdrawEnded(live, settled);
    return withoutUnsent(settled);
  }

  /** A step that waits for a slot already keeps its place. */
  #lookForSlot(live: Live, step: string, nowMs: number, settled: Settled): readonly Effect[] {
    const { execution } = live;
    if (live.waiting.has(step) || !isDue(execution, step)) return [];
    const { slots } = this.#dispatcher;
    const key = this.#breakerKey(live, step);
    const binding = slots.reserve(capabilityOf(execution, step), key);
    const isHeld = binding === undefined && key !== undefined && slots.stepBreakers.holds(key);
    const { events, effects: next } = lookAt(execution, step, binding, nowMs, isHeld);
    settled.events.push(...events);
    if (binding && !isBound(events)) settled.unused.push({ binding, step });
    if (!binding && isDue(execution, step)) live.waiting.set(step, slots.enqueue(waiterOf(execution, step)));
    return next;
  }

  /** Made only while some step's breaker has something to say. */
  #breakerKey({ execution }: Live, step: string): string | undefined {
    return this.#dispatcher.slots.stepBreakers.areNone ? undefined : stepKeyOf(execution, step);
  }

  /** Steps that have ended while they waited for a slot. */
  #withdrawEnded({ execution, waiting }: Live, { events }: Settled): void {
    if (waiting.size === 0) return;
    for (const { event } of events) {
      const entry = "step" in event && waiting.get(event.step);
      if (!entry || isDue(execution, event.step)) continue;
      this.#dispatcher.slots.withdraw(entry);
      waiting.delete(event.step);
    }
  }

  /** A slot came free for a step that waited. False: it no longer needs one. */
  bind({ executionId: id, step }: Waiter, binding: Binding): boolean {
    const live = this.#residents.get(id);
    if (!live) return false;
    live.waiting.delete(step);
    const transition = lookAt(live.execution, step, binding, this.#options.clock.now());
    this.commit(live, transition, nobody);
    return isBound(transition.events);
  }

  /** The facts behind the effect are durable. */
  perform(live: Live, effect: Effect): void {
    const { execution } = live;
    switch (effect.kind) {
      case "send":
        live.out++;
        live.stopQueueTimer(effect.step);
        return this.#dispatcher.send(jobOf(execution, effect.step), effect);
      case "cancel":
        return this.#dispatcher.cancel(execution.id, effect);
      case "extend":
        return this.#dispatcher.extend(execution.id, effect);
      case "timer":
      case "due":
        return this.#arm(live, effect);
      case "ended":
        this.forget(live);
        return this.#residents.ended(live);
      case "decide":
        throw new Error("advance settles what there is to decide");
      default:
        return assertNever(effect);
    }
  }

  #arm(live: Live, effect: Effect & { kind: "timer" | "due" }): void {
    live.arm(this.#options.clock, effect, () => {
      if (effect.kind === "timer") this.apply(live, effect.fact, nobody);
      else this.commit(live, { events: [], effects: [effect] }, nobody);
    });
  }

  /** Stops its timers, and takes its steps out of the queue. */
  forget(live: Live): void {
    live.stopTimers();
    for (const waiting of live.waiting.values()) this.#dispatcher.slots.withdraw(waiting);
    live.waiting.clear();
  }
}
