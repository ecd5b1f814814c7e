/** An event on its way to the bus. */
export type Sent = { readonly position: number; readonly timeMs: number; isTaken: boolean };

/**
 * Events that were published and not acknowledged yet, in the order of the log; at most `sizeMax`.
 *
 * The cursor stands before the first that was not taken: what was taken behind it may be published again.
 */
export class RelayWindow {
  readonly #sizeMax: number;
  readonly #sent: Sent[] = [];
  #outstanding = 0;
  #cursor: number;
  #whenFewer: (() => void)[] = [];

  constructor(sizeMax: number, cursor: number) {
    this.#sizeMax = sizeMax;
    this.#cursor = cursor;
  }

  /** All events up to it were taken. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Of the oldest that was not taken; undefined when all were. */
  get oldestTimeMs(): number | undefined {
    return this.#sent[0]?.timeMs;
  }

  get isFull(): boolean {
    return this.#outstanding >= this.#sizeMax;
  }

  get isEmpty(): boolean {
    return this.#outstanding === 0;
  }

  add(position: number, timeMs: number): Sent {
    const sent = { position, timeMs, isTaken: false };
    this.#sent.push(sent);
    this.#outstanding++;
    return sent;
  }

  /** The bus has answered for it. */
  settle(sent: Sent, isTaken: boolean): void {
    sent.isTaken = isTaken;
    this.#outstanding--;
    while (this.#sent[0]?.isTaken) this.#cursor = this.#sent.shift()!.position;
    for (const resolve of this.#whenFewer.splice(0)) resolve();
  }

  /** Resolves when there are fewer than there were. */
  fewer(): Promise<void> {
    return new Promise((resolve) => this.#whenFewer.push(resolve));
  }
}
