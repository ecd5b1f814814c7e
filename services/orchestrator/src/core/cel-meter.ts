import { evaluationCostMax } from "./definition-limits.ts";

/**
 * Ends an evaluation at once. It is thrown, because `&&`, `||` and the macros absorb errors that are values
 * and would go on; `evaluateCel` catches it.
 */
export class EvaluationStopped extends Error {}

/** What it takes to wrap a list or an object, beside its parts. */
const wrapperCost = 8;

/** Timestamps and durations are messages, which the library makes anew for each result. */
const timeCost = 32;

/** Characters that are compared, copied or searched for one unit of cost. */
const charactersPerUnit = 64;

/** What an evaluation has left to spend. Evaluations never overlap, so one meter serves them all. */
export class Meter {
  #left = 0;

  /** Begins an evaluation. */
  start(): void {
    this.#left = evaluationCostMax;
  }

  /** Pays before the work is done. */
  charge(cost: number): void {
    this.#left -= cost;
    if (this.#left >= 0) return;
    throw new EvaluationStopped(
      `it costs more than ${evaluationCostMax} to evaluate; give work of this size to a step`,
    );
  }

  /** Pays for going into a list or an object, and for so many keys of it. */
  chargeParts(keys: number): void {
    this.charge(wrapperCost + keys);
  }

  /** Pays for making, comparing or writing a timestamp or a duration. */
  chargeTime(): void {
    this.charge(timeCost);
  }

  /** Pays for work on so many characters, or bytes. */
  chargeText(length: number): void {
    this.charge(length / charactersPerUnit);
  }
}
