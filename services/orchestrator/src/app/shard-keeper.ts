import { backoffMs } from "@weft/runtime/backoff";
import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Logger } from "@weft/runtime/logger";
import type { LogEnd, Shard } from "./shard.ts";

export type KeeperOptions = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Opens the store, takes the shard over, and recovers what is in it. */
  readonly open: (
    onLogEnd: (end: LogEnd) => void,
  ) => Promise<{ readonly shard: Shard; readonly recovered: number }>;
  readonly close: (shard: Shard) => Promise<void>;
  /** Nothing more will be written by this process. */
  readonly onFatal: (error: Error) => void;
};

const reopen = { initialMs: 100, maxMs: 5_000 };

/**
 * Keeps the shard open. When it is not known what is on disk, everything in memory is dropped and the shard is
 * loaded anew, before any further input; when the log is lost to another owner or a broken disk, it ends.
 */
export class ShardKeeper {
  readonly #options: KeeperOptions;
  #shard: Shard | undefined;
  #timer: CancelTimer = () => {};
  #isStopped = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Undefined while it is being loaded. */
  get shard(): Shard | undefined {
    return this.#shard;
  }

  /** Resolves with how many executions were recovered; rejects when the shard cannot be had. */
  async start(): Promise<number> {
    const { shard, recovered } = await this.#options.open((end) => this.#ended(end));
    this.#shard = shard;
    return recovered;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer();
    const shard = this.#shard;
    this.#shard = undefined;
    if (shard) await this.#options.close(shard);
  }

  #ended({ isFatal, message }: LogEnd): void {
    const { logger, onFatal } = this.#options;
    const shard = this.#shard;
    this.#shard = undefined;
    if (!shard || this.#isStopped) return;
    if (isFatal) {
      logger.error({ reason: message }, "stopping: what is not durable has not happened; a restart recovers");
      return onFatal(new Error(`the log cannot be written: ${message}`));
    }
    logger.error({ reason: message }, "it is not known what is on disk: the shard is loaded anew");
    void this.#reload(shard);
  }

  async #reload(shard: Shard): Promise<void> {
    await this.#options.close(shard);
    for (let failures = 1; !this.#isStopped && !(await this.#opened(failures)); failures++);
  }

  async #opened(failures: number): Promise<boolean> {
    const { clock, random, logger } = this.#options;
    try {
      const recovered = await this.start();
      logger.info({ recovered }, "the shard is open again");
      return true;
    } catch (err) {
      logger.error({ err }, "the shard cannot be opened; trying again");
      const delayMs = backoffMs(reopen, failures, random);
      await new Promise<void>((resolve) => {
        this.#timer = clock.after(delayMs, resolve);
      });
      return false;
    }
  }
}
