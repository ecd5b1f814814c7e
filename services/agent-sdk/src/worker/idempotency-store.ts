/**
 * The agent's end of its file of successes. It owns the thread that writes, and gathers what is to be written
 * while the last batch is on its way.
 *
 * Invariants
 *  1. A `put` resolves when its success is on disk, or when it is known that it won't be within writeMsMax.
 *     It never rejects: a success that is not kept costs a repeated run, a result that is not sent a step.
 *  2. One batch is on its way at a time; what waits is bounded by the agent's slots.
 *  3. A problem is logged when it begins and when it has gone, not with each success.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { CancelTimer, Clock } from "@weft/runtime/grpc";
import type { Log } from "../context.ts";
import type { KeptBounds } from "./core/kept-successes.ts";
import type { SuccessRow } from "./idempotency-file.ts";
import type { Opened, ThreadData, ToThread, Written } from "./idempotency-thread.ts";

export type StoreSurroundings = { readonly clock: Clock; readonly log: Log };

const busyMsMax = 2_000;
const writeMsMax = 5_000;
const closeMsMax = 1_000;

/**
 * Opens the file, making it when it is not there. Rejects when it is another process's, or no file of successes.
 */
export async function openIdempotencyStore(
  file: string,
  bounds: KeptBounds,
  { clock, log }: StoreSurroundings,
): Promise<IdempotencyStore> {
  const workerData: ThreadData = { file, bounds, nowMs: clock.now(), busyMsMax };
  // Flags of the program, such as --eval, are not the thread's.
  const how = { workerData, execArgv: [] };
  const thread = new Worker(new URL("./idempotency-thread.ts", import.meta.url), how);
  const opened = await once(thread, "message").then(
    ([message]) => message as Opened,
    (error: Error): Opened => ({ problem: error.message }),
  );
  if ("kept" in opened) {
    log.info("idempotency store open", { file, successes: opened.kept.length });
    return new IdempotencyStore(thread, opened.kept, { clock, log });
  }
  await thread.terminate();
  const why = /locked/.test(opened.problem) ? "another process uses it" : opened.problem;
  throw new Error(`the idempotency store ${file} can't be opened: ${why}`);
}

export class IdempotencyStore {
  /** What it held when it was opened, the oldest first. */
  readonly kept: readonly SuccessRow[];
  readonly #thread: Worker;
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting: SuccessRow[] = [];
  #settleWaiting = Promise.withResolvers<void>();
  /** Settles the batch that is on its way. */
  #settleSent: (() => void) | undefined;
  #cancelLate: CancelTimer = () => {};
  #problem = "";
  #status: "open" | "closing" | "ended" = "open";

  constructor(thread: Worker, kept: readonly SuccessRow[], { clock, log }: StoreSurroundings) {
    this.#thread = thread;
    this.kept = kept;
    this.#clock = clock;
    this.#log = log;
    thread.on("message", ({ problem }: Written) => this.#written(problem));
    thread.on("error", (error) => this.#report(error instanceof Error ? error.message : String(error)));
    thread.on("exit", () => this.#ended());
  }

  /** Resolves when the success is on disk, or when waiting for that is over. */
  put(key: string, output: Uint8Array): Promise<void> {
    // While a batch is late, nothing more waits behind it.
    if (this.#status !== "open" || (this.#problem !== "" && this.#settleSent)) return Promise.resolve();
    this.#waiting.push({ key, output: new Uint8Array(output), atMs: this.#clock.now() });
    // What ends in one turn goes as one batch.
    if (this.#waiting.length === 1) queueMicrotask(() => this.#send());
    return this.#settleWaiting.promise;
  }

  /** Writes what waits, and lets the file go. */
  async close(): Promise<void> {
    if (this.#status !== "open") return;
    this.#send();
    this.#status = "closing";
    const exited = once(this.#thread, "exit");
    this.#thread.postMessage(null satisfies ToThread);
    const cancel = this.#clock.after(closeMsMax, () => void this.#thread.terminate());
    await exited;
    cancel();
  }

  #send(): void {
    if (this.#settleSent || this.#waiting.length === 0 || this.#status === "ended") return;
    const rows = this.#waiting;
    const settle = this.#settleWaiting.resolve;
    this.#waiting = [];
    this.#settleWaiting = Promise.withResolvers();
    this.#settleSent = settle;
    this.#cancelLate = this.#clock.after(writeMsMax, () => {
      this.#report(`nothing is written for ${writeMsMax} ms`);
      settle();
    });
    this.#thread.postMessage(
      rows satisfies ToThread,
      rows.map(({ output }) => output.buffer),
    );
  }

  #written(problem: string): void {
    this.#cancelLate();
    this.#report(problem);
    this.#settleSent?.();
    this.#settleSent = undefined;
    this.#send();
  }

  #report(problem: string): void {
    const was = this.#problem;
    this.#problem = problem;
    if (problem === was) return;
    if (problem === "") this.#log.info("idempotency store writes again");
    else this.#log.error("idempotency store does not write: a repeated step would run again", { problem });
  }

  #ended(): void {
    if (this.#status === "open") this.#report(this.#problem || "its thread has ended");
    this.#status = "ended";
    this.#cancelLate();
    this.#settleSent?.();
    this.#settleSent = undefined;
    this.#settleWaiting.resolve();
  }
}
