import type { CancelTimer, Clock } from "./clock.ts";
import type { FinishedSpan, SpanSink } from "./finished-span.ts";
import type { Logger } from "./logger.ts";

export type SpanQueueOptions = {
  readonly clock: Clock;
  readonly logger: Logger;
  /** To operators: where they go. */
  readonly target: string;
  readonly onDropped: (spans: number) => void;
  /** Rejects when they could not be delivered: they are not tried again here. */
  readonly deliver: (spans: readonly FinishedSpan[]) => Promise<void>;
  /** Lets go of what delivers. */
  readonly close: () => Promise<void>;
};

const spansMax = 8_192;
const batchMax = 256;
const gatherMs = 1_000;

/**
 * Holds spans until they are delivered.
 *
 * 1. At most `spansMax` wait, and one batch is on its way: what comes beyond is dropped and counted.
 * 2. Nobody waits for a delivery, other than a stop, and that has an end.
 * 3. Of drops the log hears when they begin and when deliveries work again, with their number.
 */
export class SpanQueue implements SpanSink {
  readonly #options: SpanQueueOptions;
  #waiting: FinishedSpan[] = [];
  #delivery: Promise<void> | undefined;
  #timer: CancelTimer | undefined;
  #dropped = 0;
  /** Of them the log has heard. */
  #isDropping = false;
  #isStopped = false;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
  }

  emit(span: FinishedSpan): void {
    if (this.#isStopped) return;
    if (this.#waiting.length >= spansMax) return this.#drop(1, "they come faster than they can be exported");
    this.#waiting.push(span);
    if (this.#waiting.length >= batchMax) this.#deliver();
    else this.#arm();
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopped = true;
    this.#timer?.();
    const over = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(graceMs, over.resolve);
    await Promise.race([this.#drain(), over.promise]);
    this.#drop(this.#waiting.length, "the process stops");
    this.#waiting = [];
    await Promise.race([this.#options.close(), over.promise]);
    cancel();
  }

  async #drain(): Promise<void> {
    for (this.#deliver(); this.#delivery; this.#deliver()) await this.#delivery;
  }

  #deliver(): void {
    this.#timer?.();
    this.#timer = undefined;
    if (this.#delivery || this.#waiting.length === 0) return;
    this.#delivery = this.#deliverBatch(this.#waiting.splice(0, batchMax));
  }

  async #deliverBatch(batch: readonly FinishedSpan[]): Promise<void> {
    try {
      await this.#options.deliver(batch);
      this.#delivered();
    } catch (error) {
      this.#drop(batch.length, error instanceof Error ? error.message : String(error));
    }
    this.#delivery = undefined;
    if (this.#isStopped) return;
    if (this.#waiting.length >= batchMax) this.#deliver();
    else if (this.#waiting.length > 0) this.#arm();
  }

  #arm(): void {
    this.#timer ??= this.#options.clock.after(gatherMs, () => this.#deliver());
  }

  #delivered(): void {
    if (!this.#isDropping) return;
    this.#isDropping = false;
    const { logger, target } = this.#options;
    logger.info({ target, dropped: this.#dropped }, "spans are exported again");
  }

  #drop(count: number, reason: string): void {
    if (count === 0) return;
    this.#dropped += count;
    this.#options.onDropped(count);
    if (this.#isDropping) return;
    this.#isDropping = true;
    const { logger, target } = this.#options;
    logger.warn({ target, dropped: this.#dropped, reason }, "spans are dropped");
  }
}
