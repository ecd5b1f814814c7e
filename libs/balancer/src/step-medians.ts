import { medianOf, observe, type RunningMedian } from "./running-median.ts";

/** Latencies outside of this are taken for its ends: no more than what a clock can tell, or a year. */
const latencyMsMin = 0.1;
const latencyMsMax = 31_536_000_000;

/**
 * How long each step type takes over all agents: the median of the logarithm of its latency in ms. It keeps the
 * step types that were heard of last, in two generations: when the younger is full it becomes the older, and
 * what the older held and nobody asked for is forgotten.
 */
export class StepMedians {
  readonly #generationMax: number;
  #younger = new Map<string, RunningMedian>();
  #older: ReadonlyMap<string, RunningMedian> = new Map();

  constructor(stepTypesMax: number) {
    this.#generationMax = Math.ceil(stepTypesMax / 2);
  }

  /** Step types that are kept. */
  get size(): number {
    let size = this.#younger.size;
    for (const stepType of this.#older.keys()) if (!this.#younger.has(stepType)) size++;
    return size;
  }

  /** The logarithm of the latency ÷ the median of its step type, which it becomes part of. */
  logRatio(stepType: string, latencyMs: number): number {
    const logLatency = Math.log(bounded(latencyMs));
    const known = this.#find(stepType);
    if (known) observe(known, logLatency);
    const median = known ?? medianOf(logLatency);
    if (!known) this.#keep(stepType, median);
    return logLatency - median.value;
  }

  /** How many ms a step of this type takes; undefined: none has succeeded that is remembered. */
  typicalMs(stepType: string): number | undefined {
    const median = this.#find(stepType);
    return median && Math.exp(median.value);
  }

  #find(stepType: string): RunningMedian | undefined {
    const young = this.#younger.get(stepType);
    if (young) return young;
    const old = this.#older.get(stepType);
    if (old) this.#keep(stepType, old);
    return old;
  }

  #keep(stepType: string, median: RunningMedian): void {
    if (this.#younger.size >= this.#generationMax) {
      this.#older = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(stepType, median);
  }
}

/** Not a number: as short as can be told. */
function bounded(latencyMs: number): number {
  return latencyMs > latencyMsMin ? Math.min(latencyMs, latencyMsMax) : latencyMsMin;
}
