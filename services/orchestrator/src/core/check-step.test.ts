import { describe, expect, it } from "vitest";
import { checkDefinition } from "./check-definition.ts";
import type { Step } from "./definition.ts";
import { references } from "./template.ts";

type Mode = "sequential" | "parallel" | "dependency";

function check(mode: Mode, ...steps: readonly object[]) {
  return checkDefinition({
    workflow: "w",
    version: 1,
    mode,
    steps: steps.map((step) => ({ capability: "a.b", ...step })),
  });
}

function stepOf(fields: object): Step {
  const checked = check("dependency", { id: "first" }, { id: "step", ...fields });
  if (checked.status !== "valid") throw new Error(JSON.stringify(checked.problems));
  return checked.definition.steps[1]!;
}

function problemsOf(fields: object, mode: Mode = "dependency"): readonly (readonly [string, string])[] {
  const checked = check(mode, { id: "first" }, { id: "step", ...fields });
  return checked.status === "valid" ? [] : checked.problems.map(({ field, message }) => [field, message]);
}

function warningsOf(fields: object): readonly (readonly [string, string])[] {
  return check("dependency", { id: "first" }, { id: "step", ...fields }).warnings.map(
    ({ field, message }) => [field, message],
  );
}

describe("a step", () => {
  it("that says nothing joins all, is required, may be sent again, and waits as long as it takes", () => {
    expect(stepOf({})).toMatchObject({ join: "all", optional: false, atMostOnce: false });
    expect(stepOf({})).toMatchObject({ when: undefined, vars: undefined });
    expect(stepOf({})).toMatchObject({ queueTimeoutMs: undefined, heartbeatTimeoutMs: undefined });
  });

  it.each([
    [{ join: "any" }, { join: "any" }],
    [{ join: "done" }, { join: "done" }],
    [{ optional: true }, { optional: true }],
    [{ atMostOnce: true }, { atMostOnce: true }],
    [{ queueTimeout: "1m30s" }, { queueTimeoutMs: 90_000 }],
    [
      { timeout: "1m", heartbeatTimeout: "5s" },
      { timeoutMs: 60_000, heartbeatTimeoutMs: 5_000 },
    ],
  ])("may say %j", (fields, expected) => {
    expect(stepOf(fields)).toMatchObject(expected);
  });

  it.each([
    [{ join: "some" }, "join", '"some" is unknown: must be all, any, done'],
    [{ join: "don" }, "join", '"don" is unknown: must be all, any, done; did you mean "done"?'],
    [{ join: true }, "join", "must be text, is true or false"],
    [{ optional: "yes" }, "optional", "must be true or false, is text"],
    [{ atMostOnce: 1 }, "atMostOnce", "must be true or false, is a number"],
    [{ queueTimeout: "0s" }, "queueTimeout", "must be at least 1ms"],
    [{ heartbeatTimeout: 5 }, "heartbeatTimeout", "must be text, is a number"],
    [{ when: true }, "when", "must be text, is true or false"],
    [{ when: "yes" }, "when", '"yes" must be one whole ${…}, such as ${input.urgent}'],
    [{ when: "!${input.a}" }, "when", '"!${input.a}" must be one whole ${…}, such as ${input.urgent}'],
    [
      { when: "${input.a}${input.b}" },
      "when",
      '"${input.a}${input.b}" must be one whole ${…}, such as ${input.urgent}',
    ],
    [{ when: "$${input.a}" }, "when", '"$${input.a}" must be one whole ${…}, such as ${input.urgent}'],
    [{ when: "${" }, "when", "a ${ has no closing }; a literal ${ is written $${"],
    [{ vars: ["a"] }, "vars", "must be an object or one whole ${…}, is a list"],
    [{ vars: "a" }, "vars", "must be an object or one whole ${…}, is text"],
    [{ vars: null }, "vars", "must be an object or one whole ${…}, is null"],
    [{ vars: { a: "${" } }, "vars.a", "a ${ has no closing }; a literal ${ is written $${"],
  ])("may not say %j", (fields, key, message) => {
    expect(problemsOf(fields)).toEqual([[`steps[1].${key}`, message]]);
  });

  it.each(["sequential", "parallel"] as const)("may not join in %s mode", (mode) => {
    expect(problemsOf({ join: "all" }, mode)).toEqual([
      ["steps[1].join", `belongs to dependency mode: in ${mode} mode nothing is joined`],
    ]);
  });

  it.each([
    [{ timeout: "5s", heartbeatTimeout: "4999ms" }, []],
    [{ timeout: "5s", heartbeatTimeout: "5s" }, ["5s"]],
    [{ heartbeatTimeout: "11m" }, ["10m"]],
  ])("is warned of a heartbeat timeout that its timeout comes before: %j", (fields, timeouts) => {
    expect(warningsOf(fields)).toEqual(
      timeouts.map((timeout) => [
        "steps[1].heartbeatTimeout",
        `is not below the step's timeout (${timeout}), which ends it first`,
      ]),
    );
  });
});

describe("a reference", () => {
  it.each([
    [{ with: "${steps.first.output}" }, "with"],
    [{ when: "${steps.first.output.go}" }, "when"],
    [{ vars: { a: { b: "${steps.first.status}" } } }, "vars.a.b"],
  ])("counts wherever it stands: %j", (fields, key) => {
    const checked = check("dependency", { id: "first" }, { id: "step", ...fields });
    expect(checked.status === "valid" && checked.plan.dependencies).toEqual([[], [0]]);
    expect(problemsOf(fields, "parallel").map(([field]) => field)).toEqual([`steps[1].${key}`]);
    const unknown = JSON.parse(JSON.stringify(fields).replace("first", "firts")) as object;
    expect(problemsOf(unknown)).toEqual([
      [`steps[1].${key}`, 'there is no step "firts"; did you mean "first"?'],
    ]);
  });

  it("in several templates of a step is several dependencies", () => {
    const checked = check(
      "dependency",
      { id: "a" },
      { id: "b" },
      { id: "c" },
      { id: "d", with: "${steps.c.output}", when: "${steps.a.output}", vars: { b: "${steps.b.output}" } },
    );
    expect(checked.status === "valid" && checked.plan.dependencies[3]).toEqual([0, 1, 2]);
  });

  it("is kept in the template that it stands in", () => {
    const step = stepOf({
      when: "${steps.first.output.go}",
      vars: { a: "${input}" },
      with: { b: "${vars.a}" },
    });
    expect(step.when && references(step.when)).toEqual([{ stepId: "first", field: "steps[1].when" }]);
    expect([step.vars?.holes.length, step.with?.holes.length]).toEqual([1, 1]);
  });
});
