/** Amounts are thousandths of a send: whole numbers, so that they add up exactly. */
const perSend = 1_000;

/** What a completion earns: a fifth of a send. */
const perCompletion = 200;

/** A second earns one send, so that little traffic can fail over too. */
const perMs = 1;

/**
 * How many more sends failovers and retries may cause than work comes in: a fifth of the completions, and one a
 * second. When everything fails, more sends would only add to the trouble. A token bucket, as in Finagle's
 * RetryBudget; what is saved up is bounded, and it starts full.
 */
export class Budget {
  readonly #amountMax: number;
  #amount: number;
  /** Time is counted as income up to here. */
  #countedMs: number;

  /** `nowMs` is any time that never goes back, here and in every call. */
  constructor(sendsMax: number, nowMs: number) {
    this.#amountMax = sendsMax * perSend;
    this.#amount = this.#amountMax;
    this.#countedMs = nowMs;
  }

  /** A call has ended, well or not. */
  completed(): void {
    this.#earn(perCompletion);
  }

  /** Takes what one more send costs. False: it can't be afforded now. */
  take(nowMs: number): boolean {
    this.#count(nowMs);
    if (this.#amount < perSend) return false;
    this.#amount -= perSend;
    return true;
  }

  /** In how many ms one more send can be afforded, if nothing completes; 0: now. */
  waitMs(nowMs: number): number {
    this.#count(nowMs);
    return Math.max(0, perSend - this.#amount) / perMs;
  }

  #count(nowMs: number): void {
    if (nowMs <= this.#countedMs) return;
    this.#earn((nowMs - this.#countedMs) * perMs);
    this.#countedMs = nowMs;
  }

  #earn(amount: number): void {
    this.#amount = Math.min(this.#amountMax, this.#amount + amount);
  }
}
