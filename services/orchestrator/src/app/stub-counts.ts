import type { Logger } from "@weft/runtime/logger";

/** Counts events that the bus refuses for good, and tells operators of the first and then of each hundredth. */
export class StubCounts {
  readonly #logger: Logger;
  stubs = 0;
  dropped = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** It goes as a stub. */
  refused(position: number, reason: string): void {
    if (this.stubs++ % 100 === 0)
      this.#logger.warn(
        { position, reason, stubs: this.stubs },
        "the event bus refuses an event; its place is told alone",
      );
  }

  /** Its stub was refused too: consumers find the gap. */
  lost(position: number, reason: string): void {
    if (this.dropped++ % 100 === 0)
      this.#logger.error({ position, reason, dropped: this.dropped }, "the event bus refuses even a stub");
  }
}
