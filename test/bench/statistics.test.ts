import { describe, expect, it } from "vitest";
import { isInside, mean, median, percentile, shareInside } from "./statistics.ts";

const window = { fromMs: 100, toMs: 200 };

describe("a percentile", () => {
  it("is a sample, by nearest rank, whatever the order", () => {
    expect(percentile([15, 50, 20, 40, 35], 30)).toBe(20);
    expect(percentile([15, 50, 20, 40, 35], 50)).toBe(35);
    expect(percentile([15, 50, 20, 40, 35], 100)).toBe(50);
  });

  it("takes the 99th of 100 samples for p99 and the only one of one", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile([7], 99)).toBe(7);
  });

  it("sorts by number, not by text", () => {
    expect(percentile([10, 9, 100], 50)).toBe(10);
  });

  it("is not a number without samples", () => {
    expect(percentile([], 50)).toBeNaN();
  });
});

describe("a median", () => {
  it("is the middle sample of an odd number and between the two of an even one", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it("is not a number without samples", () => {
    expect(median([])).toBeNaN();
  });
});

describe("a mean", () => {
  it("is the average, and zero of nothing", () => {
    expect([mean([1, 2, 6]), mean([])]).toEqual([3, 0]);
  });
});

describe("the share of a span inside a window", () => {
  it("is all of what lies within, none of what lies outside, and a part at the edges", () => {
    expect(shareInside(window, { fromMs: 120, toMs: 130 })).toBe(1);
    expect(shareInside(window, { fromMs: 10, toMs: 90 })).toBe(0);
    expect(shareInside(window, { fromMs: 200, toMs: 210 })).toBe(0);
    expect(shareInside(window, { fromMs: 80, toMs: 120 })).toBe(0.5);
    expect(shareInside(window, { fromMs: 50, toMs: 250 })).toBe(0.5);
  });

  it("counts a span of no length where it lies", () => {
    expect(shareInside(window, { fromMs: 100, toMs: 100 })).toBe(1);
    expect(shareInside(window, { fromMs: 200, toMs: 200 })).toBe(0);
  });
});

describe("a moment", () => {
  it("is inside from the window's beginning to just before its end", () => {
    expect([99, 100, 199, 200].map((moment) => isInside(window, moment))).toEqual([false, true, true, false]);
  });
});
