import type { Clock } from "./clock.ts";

/** A wait that its owner can cut short. It has one at a time. */
export class Delay {
  readonly #clock: Pick<Clock, "after">;
  #end: () => void = () => {};

  constructor(clock: Pick<Clock, "after">) {
    this.#clock = clock;
  }

  /** Resolves after so long, or when it is ended. */
  for(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delayMs, resolve);
      this.#end = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Ends the wait that is on; nothing without one. */
  end(): void {
    this.#end();
  }
}
