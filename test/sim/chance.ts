/** Times between arrivals that know nothing of each other, `meanMs` on average. */
export function exponential(random: () => number, meanMs: number): () => number {
  return () => -meanMs * Math.log(1 - random());
}

/**
 * Durations of which many are short and a few are very long. `variation` is the squared coefficient of
 * variation: variance ÷ mean². The normal variate is Box and Muller's (1958).
 */
export function lognormal(random: () => number, meanMs: number, variation: number): () => number {
  const variance = Math.log(1 + variation);
  const middle = Math.log(meanMs) - variance / 2;
  return () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.exp(middle + Math.sqrt(variance) * normal);
  };
}
