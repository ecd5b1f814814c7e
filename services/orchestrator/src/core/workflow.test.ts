import { describe, expect, it } from "vitest";
import { reviveWorkflow } from "./workflow.ts";

describe("reviveWorkflow", () => {
  it("gives a stored definition its plan and index back", () => {
    const { definition, plan, indexOf } = reviveWorkflow({
      workflow: "w",
      version: 4,
      steps: [
        { id: "b", capability: "x", dependsOn: ["a"] },
        { id: "a", capability: "x" },
      ],
    });
    expect([definition.name, definition.version]).toEqual(["w", 4]);
    expect(plan.dependencies).toEqual([[1], []]);
    expect([...indexOf]).toEqual([
      ["b", 0],
      ["a", 1],
    ]);
  });

  it("throws when this release would refuse it, and says why", () => {
    const steps = [{ id: "a", capability: "x", dependsOn: ["a"] }];
    expect(() => reviveWorkflow({ workflow: "w", version: 1, steps })).toThrow(
      "a stored definition is refused: steps[0]: a waits for itself",
    );
  });
});

describe("the steps that survive a failure", () => {
  function survivorsOf(mode: string, ...steps: readonly object[]) {
    const list = steps.map((step) => ({ capability: "x", ...step }));
    const { survivesFailure, survivors } = reviveWorkflow({ workflow: "w", version: 1, mode, steps: list });
    return { survivesFailure, survivors };
  }

  it("are those that join done and all that follows from them", () => {
    const steps = [
      { id: "after_both", dependsOn: ["after", "other"] },
      { id: "other" },
      { id: "failing" },
      { id: "after", with: "${steps.cleanup.output}" },
      { id: "cleanup", dependsOn: ["failing", "other"], join: "done" },
      { id: "second", dependsOn: ["after"], join: "done" },
    ];
    expect(survivorsOf("dependency", ...steps)).toEqual({
      survivesFailure: [true, false, false, true, true, true],
      survivors: 4,
    });
  });

  it("are none where nothing joins done", () => {
    const steps = [{ id: "a" }, { id: "b" }];
    for (const mode of ["sequential", "parallel", "dependency"])
      expect(survivorsOf(mode, ...steps)).toEqual({ survivesFailure: [false, false], survivors: 0 });
  });

  it("are found in one pass, however many ways lead to each", () => {
    const layers = Array.from({ length: 60 }, (_, layer) =>
      ["a", "b"].map((name) => ({
        id: `${name}${layer}`,
        dependsOn: layer === 0 ? [] : [`a${layer - 1}`, `b${layer - 1}`],
        join: layer === 0 ? "done" : "all",
      })),
    );
    expect(survivorsOf("dependency", ...layers.flat()).survivors).toBe(120);
  });
});
