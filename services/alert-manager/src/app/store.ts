import type { SavedRow } from "../core/state.ts";

/** Where the state is kept. Every adapter passes `store.contract.ts`. All calls reject with WorkerLost once it is closed or lost. */
export type AlertStore = {
  /** Hands over every row that is kept, some at a time, in the order in which they were first saved. */
  load(take: (rows: readonly SavedRow[]) => void): Promise<void>;
  /**
   * Keeps all of the rows or, when it rejects, none of them. Resolves when they are on disk. A row without a body is
   * no more. Saves are done in the order in which they were asked for.
   */
  save(rows: readonly SavedRow[]): Promise<void>;
  /** Runs once if the store can't go on: it takes nothing more, and has to be opened anew. */
  onLost(run: (reason: string) => void): void;
  close(): Promise<void>;
};
