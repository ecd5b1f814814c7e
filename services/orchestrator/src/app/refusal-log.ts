import type { Logger } from "@weft/runtime/logger";

/** Of events in a row that are alike, the first and then each hundredth is logged. */
const loggedEvery = 100;

/** Tells operators of events that the event bus refuses for good, and not of each. */
export class RefusalLog {
  readonly #logger: Logger;
  #stubs = 0;
  #dropped = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** `isTold`: it went as a stub. */
  note(position: number, isTold: boolean, reason: string): void {
    if (isTold && this.#stubs++ % loggedEvery === 0)
      this.#logger.warn(
        { position, reason, stubs: this.#stubs },
        "the event bus refuses an event: its place is told",
      );
    if (!isTold && this.#dropped++ % loggedEvery === 0)
      this.#logger.error({ position, reason, dropped: this.#dropped }, "the event bus refuses even a stub");
  }
}
