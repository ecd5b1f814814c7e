/** Lets a stated number pass and holds those who come after, until it is told of more. */
export class Turnstile {
  readonly #held: (() => void)[] = [];
  #left = Number.POSITIVE_INFINITY;
  #onHeld: () => void = () => {};

  /** Resolves at one's turn, in order. */
  pass(): Promise<void> {
    if (this.#left > 0) {
      this.#left -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#held.push(resolve);
      this.#onHeld();
    });
  }

  /** Resolves when so many have passed and another is held; at once when nobody is to be held any more. */
  async letThrough(count: number): Promise<void> {
    const passing = this.#held.splice(0, count);
    this.#left = count - passing.length;
    for (const pass of passing) pass();
    if (count === Number.POSITIVE_INFINITY || this.#held.length > 0) return;
    await new Promise<void>((resolve) => {
      this.#onHeld = resolve;
    });
  }
}
