import { describe, expect, it } from "vitest";
import { plan } from "./plan.ts";

/** Whether each step waits for the one before it, and the first for the last. */
function isCycle(cycle: readonly number[], dependencies: readonly (readonly number[])[]): boolean {
  return cycle.every((step, place) => dependencies[step]!.includes(cycle.at(place - 1)!));
}

describe("cycles", () => {
  it("are listed in the order in which the steps wait for one another", () => {
    // 0 waits for 2, 1 for 0, 2 for 1.
    expect(plan([[2], [0], [1]]).cycles).toEqual([[0, 1, 2]]);
  });

  it("can be a single step that waits for itself", () => {
    expect(plan([[], [1]]).cycles).toEqual([[1]]);
  });

  it("are found apart, one for each knot, by their first step", () => {
    expect(plan([[1], [0], [], [4], [3], [0, 3]]).cycles).toEqual([
      [0, 1],
      [3, 4],
    ]);
  });

  it("are in the order of the definition, also when one waits for the other", () => {
    expect(plan([[1, 2], [0], [3], [2]]).cycles).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it("are the shortest through the first step of their knot", () => {
    const dependencies = [[3, 1], [0], [1], [2]];
    const { cycles } = plan(dependencies);
    expect(cycles).toEqual([[0, 1]]);
    expect(isCycle(cycles[0]!, dependencies)).toBe(true);
  });

  it("do not hold the steps that only wait for one", () => {
    expect(plan([[1], [2], [1]]).cycles).toEqual([[1, 2]]);
  });

  it("of 10,000 steps do not overflow the stack", () => {
    const ring = Array.from({ length: 10_000 }, (_, step) => [(step + 1) % 10_000]);
    const { cycles } = plan(ring);
    expect(cycles[0]).toHaveLength(10_000);
    expect(isCycle(cycles[0]!, ring)).toBe(true);
  });

  it("are real, and none is missed, in random graphs", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const dependencies = randomGraph(seed);
      const { cycles, batches } = plan(dependencies);
      expect(cycles.every((cycle) => isCycle(cycle, dependencies))).toBe(true);
      const planned = batches.flat().length;
      expect(cycles.length > 0).toBe(planned < dependencies.length);
      expect(new Set(cycles.flat()).size).toBe(cycles.flat().length);
    }
  });
});

/** Twelve steps with up to two dependencies each, by a linear congruential generator (Numerical Recipes). */
function randomGraph(seed: number): number[][] {
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: 12 }, () => {
    const targets = Array.from({ length: next(3) }, () => next(12));
    return [...new Set(targets)].sort((a, b) => a - b);
  });
}
