/** The smallest sample that at least `percent` of all samples do not exceed (nearest rank, exact). */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = Float64Array.from(samples).sort();
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The middle sample, or the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const sorted = Float64Array.from(samples).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The average; of none, zero. */
export function mean(samples: readonly number[]): number {
  return samples.length === 0 ? 0 : samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}

export type Span = { readonly fromMs: number; readonly toMs: number };

/** The share of `span` that lies inside `window`, from 0 to 1. */
export function shareInside(window: Span, { fromMs, toMs }: Span): number {
  if (toMs <= fromMs) return fromMs >= window.fromMs && fromMs < window.toMs ? 1 : 0;
  const overlapMs = Math.min(toMs, window.toMs) - Math.max(fromMs, window.fromMs);
  return Math.max(0, overlapMs) / (toMs - fromMs);
}

/** Whether a moment lies inside `window`, its beginning included. */
export function isInside(window: Span, momentMs: number): boolean {
  return momentMs >= window.fromMs && momentMs < window.toMs;
}
