/** A median that follows its samples in constant time and space. */
export type RunningMedian = { value: number; samples: number };

/** Below this the step no longer shrinks, so that the median follows when the work itself changes. */
const stepMin = 0.01;

/** A median of one sample. */
export function medianOf(sample: number): RunningMedian {
  return { value: sample, samples: 1 };
}

/**
 * Moves the median towards the sample by 1 ÷ samples, however far away it is: stochastic approximation of a
 * quantile (Robbins and Monro, Annals of Mathematical Statistics 22, 1951; as a running quantile: Tierney,
 * SIAM Journal on Scientific and Statistical Computing 4, 1983). Made for samples whose spread is about 1,
 * such as logarithms of durations; on such it keeps within about 0.1 once it has seen a hundred.
 */
export function observe(median: RunningMedian, sample: number): void {
  median.samples++;
  median.value += Math.sign(sample - median.value) * Math.max(1 / median.samples, stepMin);
}
