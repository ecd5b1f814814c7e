import type { Worker } from "node:worker_threads";
import { WorkerCalls } from "@weft/runtime/worker-calls";
import type { ReaderCalls } from "./sqlite-reader.ts";

/**
 * The worker that reads, and its successors.
 *
 * When it dies, the reads that it had in hand are rejected, and the next read gets a new worker. Nothing is lost
 * with a reader: whoever still wants to know asks again.
 */
export class ReaderThread {
  readonly #start: () => Worker;
  readonly #folder: string;
  #calls: WorkerCalls<ReaderCalls>;

  constructor(start: () => Worker, folder: string) {
    this.#start = start;
    this.#folder = folder;
    this.#calls = this.#next();
  }

  /** Fails when the folder can't be read. */
  open(): Promise<void> {
    return this.#calls.call("open", { folder: this.#folder });
  }

  call<Name extends keyof ReaderCalls>(
    method: Name,
    argument: Parameters<ReaderCalls[Name]>[0],
  ): Promise<ReturnType<ReaderCalls[Name]>> {
    if (this.#calls.isDead) this.#renew();
    return this.#calls.call(method, argument);
  }

  close(why: string): Promise<void> {
    return this.#calls.close(why);
  }

  #next(): WorkerCalls<ReaderCalls> {
    return new WorkerCalls(this.#start(), "the store's reader");
  }

  /** A successor that can't open the folder dies of it, so that the read after that gets another. */
  #renew(): void {
    const calls = this.#next();
    this.#calls = calls;
    this.open().catch((error: Error) => calls.abandon(error));
  }
}
