import { describe, expect, it } from "vitest";
import { plan } from "./plan.ts";

describe("plan", () => {
  it("of a diamond has three batches and a critical path through it", () => {
    expect(plan([[], [0], [0], [1, 2]])).toEqual({
      dependencies: [[], [0], [0], [1, 2]],
      dependents: [[1, 2], [3], [3], []],
      batches: [[0], [1, 2], [3]],
      criticalPath: [0, 1, 3],
      cycles: [],
    });
  });

  it("puts a step into the batch after its last dependency", () => {
    const { batches, criticalPath } = plan([[], [0], [1], [0, 2], []]);
    expect(batches).toEqual([[0, 4], [1], [2], [3]]);
    expect(criticalPath).toEqual([0, 1, 2, 3]);
  });

  it("does not need the steps to stand in order", () => {
    const { batches, criticalPath } = plan([[2], [0], []]);
    expect(batches).toEqual([[2], [0], [1]]);
    expect(criticalPath).toEqual([2, 0, 1]);
  });

  it("lists a batch in the order of the definition", () => {
    expect(plan([[], [], [1], [0], [0, 1]]).batches).toEqual([
      [0, 1],
      [2, 3, 4],
    ]);
  });

  it("of nothing is empty", () => {
    expect(plan([])).toEqual({ dependencies: [], dependents: [], batches: [], criticalPath: [], cycles: [] });
  });

  it("leaves steps in a cycle, and those behind it, out of the batches", () => {
    const { batches, cycles, criticalPath } = plan([[], [0, 2], [1], [2], [0]]);
    expect(batches).toEqual([[0], [4]]);
    expect(cycles).toEqual([[1, 2]]);
    expect(criticalPath).toEqual([0, 4]);
  });

  it("takes a chain of 10,000 steps", () => {
    const { batches, criticalPath } = plan(
      Array.from({ length: 10_000 }, (_, step) => (step === 0 ? [] : [step - 1])),
    );
    expect(batches).toHaveLength(10_000);
    expect(criticalPath).toHaveLength(10_000);
  });
});
