import { describe, expect, it } from "vitest";
import { StepMedians } from "./step-medians.ts";

describe("the medians of step types", () => {
  it("measures a latency by its own step type", () => {
    const medians = new StepMedians(10);
    for (let n = 0; n < 50; n++) {
      medians.logRatio("quick", 10);
      medians.logRatio("slow", 60_000);
    }
    expect(medians.logRatio("quick", 20)).toBeCloseTo(Math.LN2, 1);
    expect(medians.logRatio("slow", 30_000)).toBeCloseTo(-Math.LN2, 1);
    expect(medians.typicalMs("quick")).toBeCloseTo(10, 0);
  });

  it("takes the first latency of a step type for the usual one", () => {
    const medians = new StepMedians(10);
    expect(medians.typicalMs("new")).toBeUndefined();
    expect(medians.logRatio("new", 4_000)).toBe(0);
    expect(medians.typicalMs("new")).toBeCloseTo(4_000);
  });

  it("stays within its bound, and keeps what is asked for", () => {
    const medians = new StepMedians(10);
    medians.logRatio("kept", 1_000);
    for (let n = 0; n < 1_000; n++) {
      medians.logRatio(`passing-${n}`, 5);
      medians.typicalMs("kept");
      expect(medians.size).toBeLessThanOrEqual(10);
    }
    expect(medians.typicalMs("kept")).toBeCloseTo(1_000);
    expect(medians.typicalMs("passing-0")).toBeUndefined();
  });

  it.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY])("is not spoilt by a latency of %d", (latencyMs) => {
    const medians = new StepMedians(10);
    expect(medians.logRatio("odd", latencyMs)).toBe(0);
    expect(medians.typicalMs("odd")).toSatisfy(Number.isFinite);
    expect(medians.logRatio("odd", 1_000)).toSatisfy(Number.isFinite);
  });
});
