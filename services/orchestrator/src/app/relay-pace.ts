import type { Clock } from "@weft/runtime/clock";

/** So many events a second go to the bus however busy the process is. */
export const perSecondMin = 500;
const perSecondMax = 50_000;
/** From one look at how busy the process is to the next. */
const lookMs = 50;
/** Busier than this, the relay slows down; else it speeds up. */
const useMax = 0.9;
const slower = 0.8;
const quicker = 1.1;

/**
 * Gives dispatch the right of way: the relay takes what the process has left, and little where it has nothing left.
 * The log keeps what waits. It speeds up a little and slows down more, as congestion control does
 * (Chiu and Jain, Computer Networks 17, 1989), so that it settles where the process is just not full.
 */
export class RelayPace {
  readonly #clock: Clock;
  /** The share of the time since it was last asked in which the event loop had something to do. */
  readonly #loopUse: () => number;
  #perSecond = perSecondMax;
  #lookAtMs: number;
  /** When what has been relayed so far is due. */
  #dueMs: number;

  constructor(clock: Clock, loopUse: () => number) {
    this.#clock = clock;
    this.#loopUse = loopUse;
    this.#dueMs = clock.monotonic();
    this.#lookAtMs = this.#dueMs + lookMs;
  }

  /** So many events have been given to the bus: resolves when more may be, and not before others have had a turn. */
  turn(events: number): Promise<void> {
    const nowMs = this.#clock.monotonic();
    if (nowMs >= this.#lookAtMs) this.#look(nowMs);
    // What was not used is not saved up.
    this.#dueMs = Math.max(this.#dueMs, nowMs) + (1_000 * events) / this.#perSecond;
    const waitMs = Math.floor(this.#dueMs - nowMs);
    return new Promise((resolve) => {
      if (waitMs >= 1) this.#clock.after(waitMs, resolve);
      else setImmediate(resolve);
    });
  }

  #look(nowMs: number): void {
    const factor = this.#loopUse() > useMax ? slower : quicker;
    this.#perSecond = Math.min(perSecondMax, Math.max(perSecondMin, this.#perSecond * factor));
    this.#lookAtMs = nowMs + lookMs;
  }
}
