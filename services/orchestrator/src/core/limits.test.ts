import { describe, expect, it } from "vitest";
import { checkDefinition } from "./check-definition.ts";
import type { JsonValue } from "./json.ts";
import { type DefinitionLimits, defaultDefinitionLimits } from "./limits.ts";
import { reviveWorkflow } from "./workflow.ts";

/** Three steps, two of which wait for the first; two labels; an expression of 20 characters. */
const tree: JsonValue = {
  workflow: "w",
  version: 1,
  labels: { a: "1", b: "2" },
  steps: [
    { id: "first", capability: "x" },
    { id: "second", capability: "x", with: { a: "${steps.first.output.a}" } },
    { id: "third", capability: "x", dependsOn: ["first"] },
  ],
};
const bytes = JSON.stringify(tree).length;

describe("a limit of definitions", () => {
  it.each<readonly [keyof DefinitionLimits, number, string, string]>([
    ["stepsMax", 3, "steps", "has 3 steps; the limit is 2"],
    ["labelsMax", 2, "labels", "has 2 labels; the limit is 1"],
    [
      "expressionLengthMax",
      20,
      "steps[1].with.a",
      '"steps.first.output.a" has 20 characters; the limit is 19',
    ],
    ["fanOutMax", 2, "steps[0]", "2 steps wait for it; the limit is 1"],
  ])("refuses what is beyond it, naming field, value and limit: %s", (name, value, field, message) => {
    const exact = checkDefinition(tree, { ...defaultDefinitionLimits, [name]: value });
    const below = checkDefinition(tree, { ...defaultDefinitionLimits, [name]: value - 1 });
    expect(exact.status).toBe("valid");
    expect(below).toEqual({ status: "invalid", problems: [{ field, message }], warnings: [] });
  });

  it("bounds the bytes of the whole, and stops counting there", () => {
    const limit = (definitionBytesMax: number) => ({ ...defaultDefinitionLimits, definitionBytesMax });
    expect(checkDefinition(tree, limit(bytes + 100)).status).toBe("valid");
    expect(checkDefinition(tree, limit(bytes - 1))).toMatchObject({
      problems: [{ field: "", message: `the definition is larger than ${bytes - 1} bytes` }],
    });
  });

  it("finds too many steps whatever is wrong with them", () => {
    const steps = Array.from({ length: 10_001 }, () => ({}));
    expect(checkDefinition({ workflow: "w", version: 1, steps })).toMatchObject({
      problems: [{ field: "steps", message: "has 10001 steps; the limit is 10000" }],
    });
  });

  it("does not take away what was accepted before it was lowered", () => {
    const steps = Array.from({ length: 10_001 }, (_, index) => ({ id: `s${index}`, capability: "x" }));
    const labels = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`k${index}`, "v"]));
    const stored = { workflow: "w", version: 1, description: "d", labels, steps };
    expect(checkDefinition(stored).status).toBe("invalid");
    expect(reviveWorkflow(stored).definition.steps).toHaveLength(10_001);
  });
});
