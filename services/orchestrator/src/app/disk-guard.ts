import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Logger } from "@weft/runtime/logger";

export type DiskGuardOptions = {
  readonly freeBytes: () => Promise<number>;
  /** 0: nobody looks, and there is always room. */
  readonly diskFreeBytesMin: number;
  readonly clock: Pick<Clock, "after">;
  readonly logger: Logger;
};

const pollMs = 5_000;
/** Room that was lost is back only above this share of the minimum, so that it does not come and go. */
const regainedShare = 1.25;

/** Knows whether the disk has room for new executions. Those that run get what is left below the minimum. */
export class DiskGuard {
  readonly #options: DiskGuardOptions;
  #hasRoom = true;
  #isRunning = false;
  #cancelPoll: CancelTimer = () => {};

  constructor(options: DiskGuardOptions) {
    this.#options = options;
  }

  hasRoom(): boolean {
    return this.#hasRoom;
  }

  /** Resolves when it has looked for the first time. */
  async start(): Promise<void> {
    this.#isRunning = this.#options.diskFreeBytesMin > 0;
    await this.look();
  }

  stop(): void {
    this.#isRunning = false;
    this.#cancelPoll();
  }

  /** At once: for whoever has found the disk full. */
  async look(): Promise<void> {
    if (!this.#isRunning) return;
    const { clock, freeBytes, logger } = this.#options;
    this.#cancelPoll();
    this.#cancelPoll = clock.after(pollMs, () => void this.look());
    try {
      this.#judge(await freeBytes());
    } catch (err) {
      logger.warn({ err }, "the free room on the disk cannot be read");
    }
  }

  #judge(free: number): void {
    const { diskFreeBytesMin, logger } = this.#options;
    const hasRoom = free >= diskFreeBytesMin * (this.#hasRoom ? 1 : regainedShare);
    if (hasRoom === this.#hasRoom) return;
    this.#hasRoom = hasRoom;
    const fields = { freeBytes: free, diskFreeBytesMin };
    if (hasRoom) logger.info(fields, "the disk has room again: starts are taken");
    else logger.error(fields, "the disk is nearly full: starts are refused until there is room");
  }
}
