import type { Agent } from "../core/agent.ts";

/** One change of an agent's record. */
export type Change = {
  /** Undefined: it was not known. */
  readonly before: Agent | undefined;
  readonly after: Agent;
  /** What brought it there, in a word, where there is something to add. */
  readonly cause?: string;
};

/** The latest changes, so that a reader who was cut off goes on where it was. It owns them and the revision. */
export class ChangeLog {
  readonly #keptMax: number;
  /** In order; the last one led to the revision. */
  #changes: Change[] = [];
  #revision = 0;

  constructor(keptMax: number) {
    this.#keptMax = keptMax;
  }

  /** How many changes there were. */
  get revision(): number {
    return this.#revision;
  }

  add(changes: readonly Change[]): void {
    this.#revision += changes.length;
    this.#changes.push(...changes);
    // Twice as many before the old ones go: each change is then moved once, not with every later one.
    if (this.#changes.length >= 2 * this.#keptMax) this.#changes = this.#changes.slice(-this.#keptMax);
  }

  /** What has changed since; undefined: it is too long ago, or has not been yet. */
  since(revision: number): readonly Change[] | undefined {
    const missed = this.#revision - revision;
    if (missed < 0 || missed > this.#changes.length) return undefined;
    return this.#changes.slice(this.#changes.length - missed);
  }
}
