import type { Clock } from "@weft/runtime/clock";

/** Beyond this the wall clock counts as having jumped. */
const jumpMs = 10_000;
/** A difference to the wall clock is made up by so much of the time that passes. */
const slew = 0.02;

/**
 * UTC that never jumps. It starts from the wall clock and moves with the monotonic one; when the two part, it makes
 * up for it slowly, a minute in fifty. So a clock that is set by an hour makes no execution late and no escalation
 * due. A restart reads the wall clock anew.
 */
export class SteadyTime {
  readonly #clock: Clock;
  #nowMs: number;
  #readAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#nowMs = clock.now();
    this.#readAt = clock.monotonic();
  }

  now(): number {
    const monotonic = this.#clock.monotonic();
    const passedMs = monotonic - this.#readAt;
    const apartMs = this.#clock.now() - (this.#nowMs + passedMs);
    const madeUpMs = Math.min(Math.abs(apartMs), passedMs * slew) * Math.sign(apartMs);
    this.#nowMs += passedMs + madeUpMs;
    this.#readAt = monotonic;
    return Math.round(this.#nowMs);
  }

  /** By how much the wall clock is ahead, when that is so much that it must have jumped; else 0. */
  jumpedByMs(): number {
    const apartMs = this.#clock.now() - this.now();
    return Math.abs(apartMs) > jumpMs ? apartMs : 0;
  }
}
