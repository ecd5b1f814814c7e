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
