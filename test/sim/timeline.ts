type Due = { readonly atMs: number; readonly order: number; readonly run: () => void };

/** Simulated time: what is due runs in order of time, and of arrangement where that is equal. */
export class Timeline {
  /** A binary heap: nothing is due before its parent, at half its place. */
  readonly #heap: Due[] = [];
  #order = 0;
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): void {
    const due = { atMs: this.#nowMs + delayMs, order: ++this.#order, run };
    let place = this.#heap.push(due) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (isBefore(this.#heap[parent]!, due)) break;
      this.#heap[place] = this.#heap[parent]!;
      place = parent;
    }
    this.#heap[place] = due;
  }

  /** Until nothing is due any more. */
  run(): void {
    for (let due = this.#takeFirst(); due; due = this.#takeFirst()) {
      this.#nowMs = due.atMs;
      due.run();
    }
  }

  #takeFirst(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let place = 0;
    for (let child = 1; child < heap.length; child = 2 * place + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(last, heap[child]!)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.atMs === other.atMs ? one.order < other.order : one.atMs < other.atMs;
}
