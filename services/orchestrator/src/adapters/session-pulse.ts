import type { CancelTimer, Clock } from "@weft/runtime/clock";

export const beatEveryMs = 800;
/** After so many beats in a row without a frame, 2.4 seconds in all, the agent gets no new work. */
const unansweredBeatsMax = 3;

export type PulseListener = {
  /** Time for a ping, numbered from 1. */
  beat(number: bigint): void;
  /** The connection is open and nothing comes, or something comes again. */
  silenceChanged(isSilent: boolean): void;
};

/** Asks a connected agent whether it is there, over and over, and tells when it does not answer. */
export class SessionPulse {
  readonly #clock: Clock;
  readonly #listener: PulseListener;
  #timer: CancelTimer = () => {};
  /**
   * Beats since the last frame. Not a time: after this process stood still one beat is due, and what came
   * meanwhile is read next.
   */
  #unanswered = 0;
  #isSilent = false;

  constructor(clock: Clock, listener: PulseListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  start(): void {
    this.#beat(1n);
  }

  /** A frame has come. */
  heard(): void {
    this.#unanswered = 0;
    if (this.#isSilent) this.#setSilent(false);
  }

  /** The connection is gone; whether it was silent is of no interest any more. */
  stop(): void {
    this.#timer();
    this.#unanswered = 0;
    this.#isSilent = false;
  }

  #beat(number: bigint): void {
    this.#listener.beat(number);
    this.#timer = this.#clock.after(beatEveryMs, () => {
      if (++this.#unanswered >= unansweredBeatsMax && !this.#isSilent) this.#setSilent(true);
      this.#beat(number + 1n);
    });
  }

  #setSilent(isSilent: boolean): void {
    this.#isSilent = isSilent;
    this.#listener.silenceChanged(isSilent);
  }
}
