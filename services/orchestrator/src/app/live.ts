import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Effect } from "../core/effect.ts";
import { type Execution, hasEnded } from "../core/execution.ts";
import type { StoredState } from "./execution-row.ts";
import type { Place } from "./waiter.ts";

type Timed = Extract<Effect, { readonly kind: "timer" | "due" }>;

/** An execution in memory, with what has to go when it leaves. */
export class Live {
  readonly execution: Execution;
  /** Its steps that wait for a slot. */
  readonly waiting = new Map<string, Place>();
  /** Sends that are out at agents, those that were cancelled included. */
  out = 0;
  /** Entries of it that are not durable yet. */
  uncommitted = 0;
  /** Its end is durable: it stays for what is still out. */
  hasEnded: boolean;
  /** As its row has it, or will have it when what was appended is durable. */
  stored: StoredState;
  /** Of the newest snapshot. */
  snapshotSequence: number;
  readonly #timers = new Map<string, CancelTimer>();

  constructor(execution: Execution, stored: StoredState, snapshotSequence: number) {
    this.execution = execution;
    this.stored = stored;
    this.snapshotSequence = snapshotSequence;
    this.hasEnded = hasEnded(execution);
  }

  /** Nothing is left that it has to be in memory for, at least until `asOfMs`. */
  mayLeave(asOfMs: number): boolean {
    if (this.uncommitted > 0 || this.out > 0) return false;
    if (this.hasEnded) return true;
    return this.stored.wakeAtMs !== null && this.stored.wakeAtMs > asOfMs;
  }

  /** Replaces an earlier timer for the same purpose: a deadline that moved, a step that is due anew. */
  arm(clock: Clock, effect: Timed, run: () => void): void {
    const key = keyOf(effect);
    this.#timers.get(key)?.();
    const cancel = clock.after(Math.max(0, effect.dueAtMs - clock.now()), () => {
      if (this.#timers.get(key) === cancel) this.#timers.delete(key);
      run();
    });
    this.#timers.set(key, cancel);
  }

  /** The step has been taken. */
  stopQueueTimer(step: string): void {
    const key = `step.queue_timed_out ${step}`;
    this.#timers.get(key)?.();
    this.#timers.delete(key);
  }

  stopTimers(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}

function keyOf(effect: Timed): string {
  if (effect.kind === "due") return `due ${effect.step}`;
  return "step" in effect.fact ? `${effect.fact.kind} ${effect.fact.step}` : effect.fact.kind;
}
