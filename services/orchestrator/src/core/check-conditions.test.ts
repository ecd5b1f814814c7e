import { describe, expect, it } from "vitest";
import { checkDefinition } from "./check-definition.ts";

const never = { when: "${false}" };

function warningsOf(mode: string, steps: Readonly<Record<string, object>>): readonly string[] {
  const list = Object.entries(steps).map(([id, step]) => ({ id, capability: "x", ...step }));
  const checked = checkDefinition({ workflow: "w", version: 1, mode, steps: list });
  if (checked.status !== "valid") throw new Error(JSON.stringify(checked));
  return checked.warnings.map(({ field, message }) => `${field} ${message}`);
}

describe("a condition", () => {
  it("that never changes is warned of", () => {
    expect(warningsOf("parallel", { a: never, b: { when: "${true}" }, c: { when: "${input.c}" } })).toEqual([
      "steps[0].when is always false: the step never runs",
      "steps[1].when is always true: the step needs no condition",
    ]);
  });
});

describe("a step that never runs", () => {
  const unreachable = "never runs: neither does any step that it waits for";

  it("is warned of, and what waits for nothing else too, however far behind", () => {
    const steps = {
      c: { dependsOn: ["b"] },
      a: never,
      b: { with: "${steps.a.output}", join: "any" },
      d: { dependsOn: ["a", "b", "c"] },
    };
    expect(warningsOf("dependency", steps)).toEqual([
      "steps[1].when is always false: the step never runs",
      `steps[2] ${unreachable}`,
      `steps[0] ${unreachable}`,
      `steps[3] ${unreachable}`,
    ]);
  });

  it.each([
    ["joins done", { dependsOn: ["a"], join: "done" }],
    ["waits for another step too", { dependsOn: ["a", "other"] }],
    ["waits for nothing", {}],
  ])("is none that %s", (_, step) => {
    expect(warningsOf("dependency", { a: never, other: {}, step })).toHaveLength(1);
  });

  it("is none behind it in sequential mode, where steps only follow each other", () => {
    expect(warningsOf("sequential", { a: never, b: {} })).toHaveLength(1);
  });
});
