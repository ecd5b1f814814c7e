import type { CancelTimer, Clock } from "@weft/runtime/clock";

export type Pause = {
  readonly delayMs: number;
  /** Whether `soon` cuts it short. */
  readonly mayBeCut: boolean;
};

/** Does something again and again, one time after the other, until it is stopped. */
export class Repeated {
  readonly #clock: Clock;
  readonly #work: () => Promise<void>;
  readonly #pauseAfter: () => Pause;
  readonly #running: Promise<void>;
  #isStopped = false;
  #isWanted = false;
  #wake: () => void = () => {};

  /** `work` never rejects. */
  constructor(clock: Clock, work: () => Promise<void>, pauseAfter: () => Pause) {
    this.#clock = clock;
    this.#work = work;
    this.#pauseAfter = pauseAfter;
    this.#running = this.#run();
  }

  /** Now; or once more when it is at it. */
  soon(): void {
    this.#isWanted = true;
    this.#wake();
  }

  /** Resolves when what it is at has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    // Not before its owner is complete.
    await Promise.resolve();
    while (!this.#isStopped) {
      this.#isWanted = false;
      await this.#work();
      await this.#pause(this.#pauseAfter());
    }
  }

  #pause({ delayMs, mayBeCut }: Pause): Promise<void> {
    if (this.#isStopped || (this.#isWanted && mayBeCut)) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel: CancelTimer = this.#clock.after(delayMs, resolve);
      this.#wake = () => {
        if (!mayBeCut && !this.#isStopped) return;
        cancel();
        resolve();
      };
    });
  }
}
