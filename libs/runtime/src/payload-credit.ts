/** What a side grants at once. It is also what may stand ahead of a ping on its way here. */
export const creditWindowBytes = 1024 * 1024;

/** What this side may still send of payloads. Towards a side that grants none it counts none. */
export class Allowance {
  #bytes: number;

  constructor(isCounted: boolean) {
    this.#bytes = isCounted ? 0 : Number.POSITIVE_INFINITY;
  }

  grant(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Takes so much at once, or nothing. */
  take(bytes: number): boolean {
    if (bytes > this.#bytes) return false;
    this.#bytes -= bytes;
    return true;
  }
}

/**
 * What the other side may still send of payloads.
 *
 * 1. Never more than creditWindowBytes are granted and have not come.
 * 2. Grants are gathered to a quarter of it, so that small payloads cost an entry in hundreds.
 */
export class Window {
  #grantedBytes = 0;

  /** False: the other side has sent more than it was granted. */
  receive(bytes: number): boolean {
    this.#grantedBytes -= bytes;
    return this.#grantedBytes >= 0;
  }

  /** What is to be granted now; 0: nothing yet. */
  grant(): number {
    const bytes = creditWindowBytes - this.#grantedBytes;
    if (bytes < creditWindowBytes / 4) return 0;
    this.#grantedBytes += bytes;
    return bytes;
  }
}
