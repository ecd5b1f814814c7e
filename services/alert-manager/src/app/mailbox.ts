import { type Backoff, backoffMs } from "@weft/runtime/backoff";
import type { Clock } from "@weft/runtime/clock";
import type { Logger } from "@weft/runtime/logger";
import { WorkerLost } from "@weft/runtime/worker-calls";
import type { SavedRow } from "../core/state.ts";
import type { AlertStore } from "./store.ts";

type Entry = { readonly run: () => () => void; readonly refuse: (error: unknown) => void };

type Options = {
  readonly store: Pick<AlertStore, "save">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** What has changed since it was last asked. */
  readonly takeUnsaved: () => readonly SavedRow[];
  /** After each save: what was changed may have its consequences now. */
  readonly onSaved: () => void;
};

/** One save covers so much of what waits. */
const entriesPerSaveMax = 256;
const saveBackoff: Backoff = { initialMs: 250, maxMs: 30_000 };

/**
 * Changes of the state, one after the other. Nobody hears of a change before it is saved: neither who asked for it, nor
 * a receiver. A save that fails is tried again until it is done, and everybody waits.
 */
export class Mailbox {
  readonly #options: Options;
  readonly #entries: Entry[] = [];
  #working: Promise<void> | undefined;
  #closed: Error | undefined;
  #isSaving = true;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Changes that wait. */
  get size(): number {
    return this.#entries.length;
  }

  /** False while a save fails again and again. */
  get isSaving(): boolean {
    return this.#isSaving;
  }

  /** Runs a change in its turn; resolves with what it returned once that is saved. */
  post<Answer>(run: () => Answer): Promise<Answer> {
    if (this.#closed) return Promise.reject(this.#closed);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#entries.push({
      run: () => {
        const answer = run();
        return () => resolve(answer);
      },
      refuse: reject,
    });
    this.#working ??= this.#work();
    return promise;
  }

  /** Takes no more. Resolves when what was taken is saved, or can't be. */
  async close(why: Error): Promise<void> {
    this.#closed = why;
    await this.#working;
  }

  async #work(): Promise<void> {
    // What is posted in this turn of the event loop is saved together.
    await Promise.resolve();
    while (this.#entries.length > 0) {
      const batch = this.#entries.splice(0, entriesPerSaveMax);
      const answers = batch.map((entry) => this.#run(entry));
      try {
        await this.#save(this.#options.takeUnsaved());
      } catch (error) {
        this.#refuseAll(batch, error);
        break;
      }
      for (const answer of answers) answer();
      this.#options.onSaved();
    }
    this.#working = undefined;
  }

  /** A change that throws is a bug of its own; the others go on. */
  #run({ run, refuse }: Entry): () => void {
    try {
      return run();
    } catch (error) {
      this.#options.logger.error({ err: error }, "a change of the alerts failed");
      return () => refuse(error);
    }
  }

  async #save(rows: readonly SavedRow[]): Promise<void> {
    const { store, logger, clock, random } = this.#options;
    for (let failures = 1; rows.length > 0; failures++) {
      try {
        await store.save(rows);
        break;
      } catch (error) {
        if (error instanceof WorkerLost || this.#closed) throw error;
        this.#isSaving = false;
        logger.error(
          { err: error, rows: rows.length, failures },
          "the state of alerts could not be saved; trying again",
        );
        await new Promise<void>((resolve) => clock.after(backoffMs(saveBackoff, failures, random), resolve));
      }
    }
    this.#isSaving = true;
  }

  #refuseAll(batch: readonly Entry[], error: unknown): void {
    this.#closed ??= error instanceof Error ? error : new Error(String(error));
    for (const { refuse } of [...batch, ...this.#entries.splice(0)]) refuse(error);
  }
}
