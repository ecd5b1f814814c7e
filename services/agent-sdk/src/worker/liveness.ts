import type { CancelTimer, Clock } from "@weft/runtime/grpc";

/** An orchestrator that was not heard for so long is pinged. */
export const pingAfterMs = 5_000;
/** After so many pings in a row without a word it is given up: 20 seconds in all. */
export const unansweredPingsMax = 3;

export type LivenessOptions = {
  readonly clock: Clock;
  ping(nonce: bigint): void;
  silent(): void;
};

/**
 * Whether the orchestrator at the other end still speaks. It counts its own ticks instead of reading the clock:
 * after a handler that has blocked the process for long, one tick is due, and what came meanwhile is read next.
 */
export class Liveness {
  readonly #options: LivenessOptions;
  #unanswered = 0;
  #wasHeard = false;
  #nonce = 0n;
  #cancel: CancelTimer;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#cancel = options.clock.after(pingAfterMs, () => this.#tick());
  }

  heard(): void {
    this.#wasHeard = true;
  }

  stop(): void {
    this.#cancel();
  }

  #tick(): void {
    if (this.#wasHeard) this.#unanswered = 0;
    else if (this.#unanswered >= unansweredPingsMax) return this.#options.silent();
    else {
      this.#unanswered++;
      this.#options.ping(++this.#nonce);
    }
    this.#wasHeard = false;
    this.#cancel = this.#options.clock.after(pingAfterMs, () => this.#tick());
  }
}
