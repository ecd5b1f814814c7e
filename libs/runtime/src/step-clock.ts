import type { CancelTimer, Clock } from "./clock.ts";

type Timer = { readonly dueAt: number; readonly run: () => void };

/**
 * A clock that stands still until told to go on. For tests.
 *
 * Timers run in order of their due time, those due together in the order they were armed, and each sees the
 * clock at its own due time; a timer armed by another runs in the same step if it falls due in it.
 */
export class StepClock implements Clock {
  #monotonic = 0;
  readonly #epoch: number;
  /** Sorted by due time. */
  readonly #timers: Timer[] = [];

  constructor(epoch = Date.UTC(2030, 0, 1)) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#epoch + this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, run: () => void): CancelTimer {
    const timer = { dueAt: this.#monotonic + Math.max(0, delayMs), run };
    const behind = this.#timers.findLastIndex(({ dueAt }) => dueAt <= timer.dueAt) + 1;
    this.#timers.splice(behind, 0, timer);
    return () => {
      const place = this.#timers.indexOf(timer);
      if (place >= 0) this.#timers.splice(place, 1);
    };
  }

  /** Timers that are armed now. */
  get armed(): number {
    return this.#timers.length;
  }

  /** Lets time pass and runs what falls due in it. */
  advance(ms: number): void {
    const until = this.#monotonic + ms;
    for (let next = this.#timers[0]; next && next.dueAt <= until; next = this.#timers[0]) {
      this.#timers.shift();
      this.#monotonic = Math.max(this.#monotonic, next.dueAt);
      next.run();
    }
    this.#monotonic = until;
  }

  /** Lets time pass in which nothing runs, as when a process is stopped; what fell due in it runs late, now. */
  stall(ms: number): void {
    this.#monotonic += ms;
    this.advance(0);
  }
}
