import { describe, expect, it } from "vitest";
import { checkDefinition, type DefinitionCheck } from "./check-definition.ts";
import { definitionDepthMax, problemsMax } from "./definition-limits.ts";
import { references } from "./template.ts";

const report = {
  workflow: "repository-report",
  version: 1,
  mode: "dependency",
  timeout: "10m",
  onFailure: "fail",
  retry: "standard",
  labels: { team: "docs" },
  description: "Reports on a repository",
  steps: [
    {
      id: "collect",
      kind: "agent",
      capability: "repo.collect",
      with: { path: "${input.path}" },
      timeout: "90s",
      retry: "aggressive",
    },
    { id: "measure", capability: "repo.measure", with: { files: "${steps.collect.output.files}" } },
    { id: "check", capability: "repo.check", dependsOn: ["collect"], description: "Looks for trouble" },
    {
      id: "report",
      capability: "repo.report",
      with: { measures: "${steps.measure.output}", checks: "${steps.check.output}" },
    },
  ],
  output: "${steps.report.output}",
};

function problemsOf(tree: unknown): readonly (readonly [string, string])[] {
  const check = checkDefinition(tree);
  return check.status === "valid"
    ? []
    : check.problems.map(({ field, message }) => [field, message] as const);
}

function fieldsOf(tree: unknown): readonly string[] {
  return problemsOf(tree).map(([field]) => field);
}

function valid(tree: unknown): Extract<DefinitionCheck, { status: "valid" }> {
  const check = checkDefinition(tree);
  if (check.status !== "valid") throw new Error(JSON.stringify(check.problems));
  return check;
}

function workflow(...steps: readonly object[]): object {
  return { workflow: "w", version: 1, steps: steps.map((step) => ({ capability: "a.b", ...step })) };
}

describe("a definition without mistakes", () => {
  it("has what its author wrote and the defaults for the rest", () => {
    const { definition, warnings } = valid(report);
    const { steps, output, ...header } = definition;
    expect(header).toEqual({
      name: "repository-report",
      version: 1,
      mode: "dependency",
      onFailure: "fail",
      timeoutMs: 600_000,
      labels: { team: "docs" },
      description: "Reports on a repository",
      tree: report,
    });
    expect(steps.map(({ id, timeoutMs, retry }) => [id, timeoutMs, retry.maxAttempts])).toEqual([
      ["collect", 90_000, 5],
      ["measure", 600_000, 3],
      ["check", 600_000, 3],
      ["report", 600_000, 3],
    ]);
    expect(steps[2]).toMatchObject({
      dependsOn: ["collect"],
      description: "Looks for trouble",
      with: undefined,
    });
    expect(output && references(output)).toEqual([{ stepId: "report", field: "output" }]);
    expect(warnings).toEqual([]);
  });

  it("has a plan from what its steps depend on and refer to", () => {
    expect(valid(report).plan).toMatchObject({
      dependencies: [[], [0], [0], [1, 2]],
      batches: [[0], [1, 2], [3]],
      criticalPath: [0, 1, 3],
    });
  });

  it("needs no more than a name, a version and a step", () => {
    const { definition, plan } = valid(workflow({ id: "a" }));
    expect(definition).toMatchObject({ mode: "dependency", labels: {} });
    expect(definition.steps[0]?.retry.maxAttempts).toBe(3);
    expect("timeoutMs" in definition || "output" in definition).toBe(false);
    expect(plan.batches).toEqual([[0]]);
  });

  it("gives its steps its own retry policy unless they name one", () => {
    const { definition } = valid({ ...workflow({ id: "a" }, { id: "b", retry: "standard" }), retry: "none" });
    expect(definition.steps.map(({ retry }) => retry.maxAttempts)).toEqual([1, 3]);
  });
});

describe("every mistake is found at once", () => {
  it("with its path", () => {
    const check = {
      workflow: "Repository Report",
      version: 0,
      mode: "dependancy",
      timeout: "ten minutes",
      stepz: [],
      steps: [
        { id: "collect", capability: "repo.collect", timout: "90s" },
        { id: "collect", capability: "repo measure", dependsOn: ["colect", 7] },
        { capability: "repo.check", with: { x: "${steps.colect.output}" }, retry: "agressive" },
        "report",
      ],
      output: "${steps.reprot.output}",
    };
    expect(fieldsOf(check).toSorted()).toEqual([
      "mode",
      "output",
      "steps[0].timout",
      "steps[1].capability",
      "steps[1].dependsOn[0]",
      "steps[1].dependsOn[1]",
      "steps[1].id",
      "steps[2].id",
      "steps[2].retry",
      "steps[2].with.x",
      "steps[3]",
      "stepz",
      "timeout",
      "version",
      "workflow",
    ]);
  });

  it("and the nearest name is suggested", () => {
    const tree = {
      ...workflow(
        { id: "collect", timout: "90s" },
        { id: "check", dependsOn: ["colect"], retry: "agressive" },
      ),
      mode: "paralel",
      output: "${steps.chek.output}",
    };
    const hints = problemsOf(tree).map(([, message]) => /did you mean "(.*)"/.exec(message)?.[1]);
    expect(hints).toEqual(["parallel", "timeout", "aggressive", "collect", "check"]);
  });

  it("in words that an author can act on", () => {
    expect(problemsOf({ workflow: "A b", version: "1", steps: {}, labels: { a: 5 }, extra: 1 })).toEqual([
      [
        "extra",
        "is unknown: the fields here are workflow, version, mode, timeout, onFailure, retry, steps, output, labels, description, vars",
      ],
      ["workflow", '"A b" must be 1 to 63 of a-z, 0-9 and "-"'],
      ["version", "must be a whole number from 1 to 2147483647, is text"],
      ["labels.a", "must be text, is a number"],
      ["steps", "must be a list, is an object"],
    ]);
  });

  it.each([
    [{ onFailure: "explode" }, {}, "onFailure", '"explode" is unknown: must be fail, continue'],
    [{ onFailure: 1 }, {}, "onFailure", "must be text, is a number"],
    [{ labels: "docs" }, {}, "labels", "must be an object, is text"],
    [{ mode: "any" }, {}, "mode", '"any" is unknown: must be sequential, parallel, dependency'],
    [
      { description: "d".repeat(2_001) },
      {},
      "description",
      `"${"d".repeat(80)}…" is longer than 2000 characters`,
    ],
    [
      { timeout: "soon" },
      {},
      "timeout",
      '"soon" must be a duration such as "90s", "500ms" or "1h30m" (d, h, m, s, ms)',
    ],
    [{ timeout: "3651d" }, {}, "timeout", '"3651d" must not be longer than 3650d'],
    [{ retry: 5 }, {}, "retry", "must be the name of a preset or an object, is a number"],
    [{}, { id: "in" }, "steps[0].id", '"in" is a word of the expression language'],
    [{}, { id: "A" }, "steps[0].id", '"A" must be a letter a-z, then up to 62 of a-z, 0-9 and "_"'],
    [{}, { capability: "a b" }, "steps[0].capability", '"a b" must be 1 to 63 of a-z, 0-9, "-" and "."'],
    [{}, { dependsOn: "a" }, "steps[0].dependsOn", "must be a list, is text"],
    [{}, { dependsOn: [7] }, "steps[0].dependsOn[0]", "must be text, is a number"],
  ])("in these words: %j %j", (fields, step, field, message) => {
    expect(problemsOf({ ...workflow({ id: "a", ...step }), ...fields })).toEqual([[field, message]]);
  });

  it("up to a limit; the rest is counted", () => {
    const steps = Array.from({ length: 150 }, (_, index) => ({ id: `S${index}` }));
    const problems = problemsOf(workflow(...steps));
    expect(problems).toHaveLength(problemsMax + 1);
    expect(problems.at(-1)).toEqual(["", "and 50 more"]);
  });
});

describe("refused", () => {
  it.each([
    ["null", null],
    ["a list", []],
    ["text", "workflow"],
    ["nothing", undefined],
  ])("is %s in place of a definition", (_, tree) => {
    expect(fieldsOf(tree)).toEqual([""]);
  });

  it("are missing names, versions and steps", () => {
    expect(problemsOf({})).toEqual([
      ["workflow", "is missing"],
      ["version", "is missing"],
      ["steps", "is missing"],
    ]);
    expect(fieldsOf({ workflow: "w", version: 1, steps: [] })).toEqual(["steps"]);
    expect(fieldsOf({ workflow: "w", version: 1, steps: [{}] })).toEqual([
      "steps[0].id",
      "steps[0].capability",
    ]);
  });

  it.each(["In", "1st", "a-b", "_a", "", "true", "in", "null", "a".repeat(64)])("is the step id %j", (id) => {
    expect(fieldsOf(workflow({ id }))).toEqual(["steps[0].id"]);
  });

  it.each(["a", "import", "in_all", "step_2", "a".repeat(63)])("is not the step id %j", (id) => {
    expect(fieldsOf(workflow({ id }))).toEqual([]);
  });

  it.each(["compensate", "idempotent", "priority", "limit", "place", "sla"])(
    "is a step's %s, which this release does not support",
    (key) => {
      expect(problemsOf(workflow({ id: "a", [key]: true }))).toEqual([
        [`steps[0].${key}`, "is not supported by this release"],
      ]);
    },
  );

  it("is what a workflow may say in later releases only", () => {
    expect(
      problemsOf({ ...workflow({ id: "a", kind: "input" }), maxParallel: 3, onFailure: "compensate" }),
    ).toEqual([
      ["maxParallel", "is not supported by this release"],
      ["onFailure", '"compensate" is not supported by this release'],
      ["steps[0].kind", '"input" is not supported by this release: every step is of kind agent'],
    ]);
  });

  it("are a timeout of zero and numbers of the wrong kind", () => {
    expect(
      fieldsOf({ ...workflow({ id: "a", timeout: "0s" }, { id: "b", timeout: 90 }), version: 1.5 }),
    ).toEqual(["version", "steps[0].timeout", "steps[1].timeout"]);
  });

  it("are labels that are too long", () => {
    expect(
      fieldsOf({ ...workflow({ id: "a" }), labels: { "": "v", k: "v".repeat(64), ["l".repeat(64)]: "v" } }),
    ).toEqual(['labels[""]', "labels.k", `labels.${"l".repeat(64)}`]);
  });
});

describe("a hostile definition", () => {
  it("cannot reach a prototype", () => {
    const tree = JSON.parse(
      '{"workflow":"w","version":1,"labels":{"__proto__":"v"},"steps":[{"id":"a","capability":"b","__proto__":{"timeout":"1s"},"constructor":1}]}',
    ) as unknown;
    expect(fieldsOf(tree)).toEqual(["steps[0].__proto__", "steps[0].constructor"]);
    const inherited = Object.create({ workflow: "w", version: 1 }) as object;
    expect(fieldsOf(Object.assign(inherited, { steps: [] }))).toEqual([""]);
  });

  it("keeps a label named __proto__ a label", () => {
    const labels = JSON.parse('{"__proto__":"v"}') as unknown;
    const { definition } = valid({ ...workflow({ id: "a" }), labels });
    expect(Object.entries(definition.labels)).toEqual([["__proto__", "v"]]);
  });

  it("does not get far with nesting", () => {
    const deep = JSON.parse("[".repeat(definitionDepthMax) + "]".repeat(definitionDepthMax)) as unknown;
    expect(checkDefinition(workflow({ id: "a", with: deep })).status).toBe("invalid");
  });
});
