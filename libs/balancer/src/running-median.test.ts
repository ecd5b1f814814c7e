import { describe, expect, it } from "vitest";
import { medianOf, observe } from "./running-median.ts";
import { seededRandom } from "./seeded-random.ts";

/** Skewed, with a spread of about 1: the logarithm of an exponential variate. */
function samplesOf(seed: number, count: number, middle: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => middle + Math.log(-Math.log(1 - random()) / Math.LN2));
}

function medianAfter(samples: readonly number[]): number {
  const [first, ...others] = samples;
  const median = medianOf(first!);
  for (const sample of others) observe(median, sample);
  return median.value;
}

describe("a running median", () => {
  it.each([1, 2, 3, 4, 5, 6])("comes near the true one, wherever it starts (seed %i)", (seed) => {
    expect(Math.abs(medianAfter(samplesOf(seed, 500, 8)) - 8)).toBeLessThan(0.3);
    expect(Math.abs(medianAfter([11, ...samplesOf(seed, 500, 8)]) - 8)).toBeLessThan(0.3);
  });

  it("is not carried away by a few that are far off", () => {
    const samples = samplesOf(1, 1_000, 8).map((sample, n) => (n % 20 === 19 ? 1e6 : sample));
    expect(Math.abs(medianAfter(samples) - 8)).toBeLessThan(0.4);
  });

  it("follows when the work has changed, however long it was otherwise", () => {
    const samples = [...samplesOf(1, 10_000, 8), ...samplesOf(2, 1_000, 10)];
    expect(Math.abs(medianAfter(samples) - 10)).toBeLessThan(0.4);
  });
});
