import {
  Breaker,
  type BreakerGround,
  type BreakerOutcome,
  type BreakerRules,
  type StateChange,
} from "./breaker.ts";

export type BreakersOptions = {
  readonly ground: BreakerGround;
  readonly rules: BreakerRules;
  readonly keysMax: number;
  /** The key's breaker is in another state, or, without a change, would let another probe through. */
  readonly changed: (key: string, breaker: Breaker, change?: StateChange) => void;
};

/**
 * Breakers by key, each made by the first outcome that it has to count. There are never more than `keysMax`: a
 * new one takes the place of the oldest that is closed, and is not made when none is.
 */
export class Breakers {
  readonly #options: BreakersOptions;
  readonly #byKey = new Map<string, Breaker>();
  readonly #notClosed = new Set<string>();

  constructor(options: BreakersOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** All calls of all keys may go out. */
  get allClosed(): boolean {
    return this.#notClosed.size === 0;
  }

  entries(): Iterable<readonly [key: string, breaker: Breaker]> {
    return this.#byKey;
  }

  get(key: string): Breaker | undefined {
    return this.#byKey.get(key);
  }

  admits(key: string): boolean {
    return this.#byKey.get(key)?.admits ?? true;
  }

  /** How a call has ended that began in the epoch. */
  record(key: string, epoch: number, outcome: BreakerOutcome, failureCode?: string): void {
    (this.#byKey.get(key) ?? this.#addFor(key, outcome))?.record(epoch, outcome, failureCode);
  }

  shutdown(): void {
    for (const breaker of this.#byKey.values()) breaker.shutdown();
    this.#byKey.clear();
    this.#notClosed.clear();
  }

  #addFor(key: string, outcome: BreakerOutcome): Breaker | undefined {
    const { ground, rules } = this.#options;
    const counts = outcome === "failed" || (outcome === "succeeded" && rules.watchesShare);
    if (!counts || !this.#makeRoom()) return undefined;
    const breaker = new Breaker(ground, rules, (change) => this.#changed(key, breaker, change));
    this.#byKey.set(key, breaker);
    return breaker;
  }

  #makeRoom(): boolean {
    if (this.#byKey.size < this.#options.keysMax) return true;
    for (const [key, breaker] of this.#byKey) {
      if (this.#notClosed.has(key)) continue;
      breaker.shutdown();
      return this.#byKey.delete(key);
    }
    return false;
  }

  #changed(key: string, breaker: Breaker, change: StateChange | undefined): void {
    if (breaker.state === "CLOSED") this.#notClosed.delete(key);
    else this.#notClosed.add(key);
    this.#options.changed(key, breaker, change);
  }
}
