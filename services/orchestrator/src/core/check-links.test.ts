import { describe, expect, it } from "vitest";
import { checkDefinition } from "./check-definition.ts";

function check(mode: string, ...steps: readonly object[]) {
  return checkDefinition({
    workflow: "w",
    version: 1,
    mode,
    steps: steps.map((step) => ({ capability: "a", ...step })),
  });
}

function problemsOf(mode: string, ...steps: readonly object[]): readonly (readonly [string, string])[] {
  const checked = check(mode, ...steps);
  return checked.status === "valid"
    ? []
    : checked.problems.map(({ field, message }) => [field, message] as const);
}

function dependenciesOf(mode: string, ...steps: readonly object[]): readonly (readonly number[])[] | string {
  const checked = check(mode, ...steps);
  return checked.status === "invalid" ? JSON.stringify(checked.problems) : checked.plan.dependencies;
}

describe("sequential mode", () => {
  it("lets each step wait for the one before it, whatever it mentions", () => {
    expect(
      dependenciesOf(
        "sequential",
        { id: "a" },
        { id: "b" },
        { id: "c", dependsOn: ["a"], with: "${steps.a.output} ${steps.b.status}" },
      ),
    ).toEqual([[], [0], [1]]);
  });

  it("refuses a mention of a later step or of itself", () => {
    expect(
      problemsOf(
        "sequential",
        { id: "a", with: ["${steps.b.output}"] },
        { id: "b", dependsOn: ["b"] },
        { id: "c" },
      ),
    ).toEqual([
      ["steps[0].with[0]", "is a later step: in sequential mode a step sees earlier ones only"],
      ["steps[1].dependsOn[0]", "a step cannot wait for itself"],
    ]);
  });
});

describe("parallel mode", () => {
  it("lets no step wait", () => {
    expect(dependenciesOf("parallel", { id: "a" }, { id: "b", with: "${input}" })).toEqual([[], []]);
  });

  it("refuses every mention of a step, but in the output", () => {
    const steps = [{ id: "a" }, { id: "b", dependsOn: ["a"], with: "${steps.a.status}" }];
    expect(problemsOf("parallel", ...steps).map(([field]) => field)).toEqual([
      "steps[1].dependsOn[0]",
      "steps[1].with",
    ]);
    const tree = { workflow: "w", version: 1, mode: "parallel", steps: [{ id: "a", capability: "a" }] };
    expect(checkDefinition({ ...tree, output: "${steps.a.output}" }).status).toBe("valid");
  });
});

describe("dependency mode", () => {
  it("makes dependencies of dependsOn and references alike, each once, in order", () => {
    expect(
      dependenciesOf(
        "dependency",
        { id: "a" },
        { id: "b" },
        {
          id: "c",
          dependsOn: ["b"],
          with: { x: "${steps.a.output.x}", y: "${steps.b.output} ${steps.a.status}" },
        },
      ),
    ).toEqual([[], [], [0, 1]]);
  });

  it("orders two dependencies as the list does, whichever is mentioned first", () => {
    const last = { id: "c", dependsOn: ["b"], with: "${steps.a.output}" };
    expect(dependenciesOf("dependency", { id: "a" }, { id: "b" }, last)).toEqual([[], [], [0, 1]]);
  });

  it("refuses unknown steps, one problem for each mention", () => {
    expect(problemsOf("dependency", { id: "a", dependsOn: ["x", "y"], with: "${steps.x.output}" })).toEqual([
      ["steps[0].dependsOn[0]", 'there is no step "x"'],
      ["steps[0].dependsOn[1]", 'there is no step "y"'],
      ["steps[0].with", 'there is no step "x"'],
    ]);
  });

  it("finds unknown steps beside other mistakes of the same template", () => {
    const step = { id: "a", with: ["${1 +}", "${steps.x.output}"] };
    expect(problemsOf("dependency", step).map(([field]) => field)).toEqual([
      "steps[0].with[0]",
      "steps[0].with[1]",
    ]);
  });

  it("warns of a dependency that is named twice", () => {
    expect(check("dependency", { id: "a" }, { id: "b", dependsOn: ["a", "a"] })).toMatchObject({
      status: "valid",
      warnings: [{ field: "steps[1].dependsOn[1]", message: '"a" is named twice' }],
    });
  });
});

describe("a cycle", () => {
  it("is one problem that names its steps, and leaves the plan readable", () => {
    const checked = check(
      "dependency",
      { id: "start" },
      { id: "a", dependsOn: ["start", "c"] },
      { id: "b", with: "${steps.a.output}" },
      { id: "c", dependsOn: ["b"] },
      { id: "after", dependsOn: ["c"] },
    );
    expect(checked).toMatchObject({
      status: "cyclic",
      problems: [{ field: "steps[1]", message: "these steps wait for one another: a → b → c → a" }],
      plan: { cycles: [[1, 2, 3]], batches: [[0]] },
    });
  });

  it("can be a step that waits for itself", () => {
    expect(problemsOf("dependency", { id: "a", with: "${steps.a.output}" })).toEqual([
      ["steps[0]", "a waits for itself"],
    ]);
  });

  it("is reported beside other problems, and then there is no plan", () => {
    const checked = check("dependency", { id: "a", dependsOn: ["b"] }, { id: "b", dependsOn: ["a", "x"] });
    expect(checked.status).toBe("invalid");
    expect(checked.status === "invalid" && checked.problems.map(({ field }) => field)).toEqual([
      "steps[1].dependsOn[1]",
      "steps[0]",
    ]);
  });

  it("is named in part when it is long", () => {
    const ring = Array.from({ length: 1_000 }, (_, index) => ({
      id: `s${index}`,
      dependsOn: [`s${(index + 999) % 1_000}`],
    }));
    expect(problemsOf("dependency", ...ring)[0]?.[1]).toMatch(/s0 → s1 → .* → s19 → \(980 more\) → s0$/);
  });
});

describe("a step whose id is taken", () => {
  it("is a problem at the second one, and the first is meant elsewhere", () => {
    const steps = [{ id: "a" }, { id: "b", dependsOn: ["a"] }, { id: "a" }];
    expect(problemsOf("sequential", ...steps)).toEqual([
      ["steps[2].id", '"a" is the id of steps[0] already'],
    ]);
  });
});
