import type { Batch, CommitOutcome, Store } from "./store.ts";

/** What becomes of one commit. */
export type Fault =
  /** Nothing is written. */
  | { readonly kind: "refused"; readonly reason: "FULL" | "FENCED" | "FAILED" }
  /** The answer is lost, as an outcome or as a rejected promise. */
  | { readonly kind: "lost"; readonly isWritten: boolean; readonly isRejected?: boolean }
  /** It is written, and the store says of so many rows less. */
  | { readonly kind: "short"; readonly rows: number }
  /** It is written as soon as the promise resolves. */
  | { readonly kind: "held"; readonly until: Promise<unknown> };

/**
 * A real store, at whose port commits go wrong as they are told to.
 *
 * The next commits take the faults of the script, one each, in order. When it is spent, only batches with rows of
 * poisoned executions are refused.
 */
export class FaultyStore {
  readonly store: Store;
  /** Every batch that was asked for, in order. */
  readonly batches: Batch[] = [];
  readonly poisoned = new Set<string>();
  readonly #inner: Store;
  readonly #script: Fault[] = [];

  constructor(inner: Store) {
    this.#inner = inner;
    this.store = {
      ...inner,
      commit: (batch) => {
        this.batches.push(batch);
        return this.#commit(batch, this.#script.shift());
      },
    };
  }

  /** Faults of the next commits, behind those that are still to come. */
  script(...faults: readonly Fault[]): void {
    this.#script.push(...faults);
  }

  /** FULL, for so many commits. */
  fill(commits: number): void {
    this.script(...Array.from({ length: commits }, () => ({ kind: "refused", reason: "FULL" }) as const));
  }

  async #commit(batch: Batch, fault: Fault | undefined): Promise<CommitOutcome> {
    switch (fault?.kind) {
      case "refused":
        return { kind: "refused", reason: fault.reason, message: "as the script says" };
      case "lost":
        return this.#lose(batch, fault);
      case "short": {
        const outcome = await this.#write(batch);
        return outcome.kind === "committed" ? { ...outcome, rows: outcome.rows - fault.rows } : outcome;
      }
      case "held":
        await fault.until;
        return this.#write(batch);
      case undefined:
        return this.#write(batch);
    }
  }

  async #lose(batch: Batch, fault: Fault & { kind: "lost" }): Promise<CommitOutcome> {
    if (fault.isWritten) await this.#write(batch);
    if (fault.isRejected) throw new Error("the answer is lost");
    return { kind: "unknown", message: "the answer is lost" };
  }

  async #write(batch: Batch): Promise<CommitOutcome> {
    const culprit = executionsIn(batch).find((id) => this.poisoned.has(id));
    if (culprit === undefined) return this.#inner.commit(batch);
    return { kind: "refused", reason: "ROW", message: `execution ${culprit} is poisoned` };
  }
}

/** Of every kind of row. */
function executionsIn({ events, started, changed, ended, snapshots }: Batch): readonly string[] {
  return [events, started, changed, ended, snapshots].flat().map(({ executionId }) => executionId);
}
