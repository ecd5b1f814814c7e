import type { CancelTimer, Clock } from "@weft/runtime/clock";

/** Slots that become free later than their work has ended. */
export class RestingSlots {
  readonly #clock: Clock;
  readonly #timers = new Set<CancelTimer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(restMs: number, free: () => void): void {
    const stop = this.#clock.after(restMs, () => {
      this.#timers.delete(stop);
      free();
    });
    this.#timers.add(stop);
  }

  stop(): void {
    for (const stop of this.#timers) stop();
    this.#timers.clear();
  }
}
