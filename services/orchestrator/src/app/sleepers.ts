import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Logger } from "@weft/runtime/logger";
import type { Store } from "./store.ts";
import { wakeAheadMs } from "./transitions.ts";

export type SleepersOptions = {
  readonly store: Store;
  readonly shard: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly wake: (executionId: string) => void;
};

/** Half of how far ahead it looks: nothing comes due between two looks unseen. */
const lookEveryMs = wakeAheadMs / 2;
const pageSize = 1_000;

/** Wakes executions that sleep in the store shortly before they have something to do. Holds none of them. */
export class Sleepers {
  readonly #options: SleepersOptions;
  #timer: CancelTimer = () => {};
  #isStopped = false;

  constructor(options: SleepersOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer();
  }

  async #look(): Promise<void> {
    const { store, shard, clock, wake, logger } = this.#options;
    try {
      const due = await store.listSleeping(shard, clock.now() + wakeAheadMs, pageSize);
      if (this.#isStopped) return;
      for (const { executionId } of due) wake(executionId);
    } catch (err) {
      if (this.#isStopped) return;
      logger.error({ err }, "sleeping executions could not be read; trying again");
    }
    this.#timer = clock.after(lookEveryMs, () => void this.#look());
  }
}
