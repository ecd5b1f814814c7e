import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Logger } from "@weft/runtime/logger";
import { beforeSleepers, type Sleeper, type Store } from "./store.ts";
import { wakeAheadMs } from "./transitions.ts";

export type SleepersOptions = {
  readonly store: Store;
  readonly shard: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when it is in memory, or cannot be had. */
  readonly wake: (executionId: string) => Promise<void>;
};

/** Half of how far ahead it looks: nothing comes due between two looks unseen. */
const lookEveryMs = wakeAheadMs / 2;
const pageSize = 200;

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
    const { clock, logger } = this.#options;
    try {
      await this.#wakeDue(clock.now() + wakeAheadMs);
    } catch (err) {
      if (this.#isStopped) return;
      logger.error({ err }, "sleeping executions could not be read; trying again");
    }
    if (!this.#isStopped) this.#timer = clock.after(lookEveryMs, () => void this.#look());
  }

  /** Page by page: so many are read from their logs at once, and no more. */
  async #wakeDue(untilMs: number): Promise<void> {
    const { store, shard, wake } = this.#options;
    let after: Sleeper | undefined = beforeSleepers;
    while (after && !this.#isStopped) {
      const due: readonly Sleeper[] = await store.listSleeping(shard, untilMs, after, pageSize);
      if (this.#isStopped) return;
      await Promise.all(due.map(({ executionId }) => wake(executionId)));
      after = due.length < pageSize ? undefined : due.at(-1);
    }
  }
}
