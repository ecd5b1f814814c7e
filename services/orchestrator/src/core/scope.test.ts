import { describe, expect, it } from "vitest";
import type { Step } from "./definition.ts";
import { blankExecution, type Execution } from "./execution.ts";
import { type JsonValue, jsonOf, parsed } from "./json.ts";
import { renderOutput, renderStartVars, renderStepInput, renderWhen } from "./scope.ts";
import { compileTemplate, type RenderedTemplate, type Template } from "./template.ts";
import { testWorkflow } from "./transcript.fixture.ts";

const workflow = testWorkflow({ steps: [{ id: "a" }, { id: "b" }] });
const [first] = workflow.definition.steps;
const blank = blankExecution("e1", workflow);

function template(tree: JsonValue, field: string): Template {
  const compiled = compileTemplate(tree, field);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.template;
}

function executionWith(vars: JsonValue | undefined): Execution {
  const execution = blankExecution("e1", workflow);
  execution.header = {
    namespace: "default",
    labels: {},
    createdBy: "ada",
    input: jsonOf({ n: 2 }),
    startedAtMs: 0,
    ...(vars === undefined ? {} : { vars: jsonOf(vars) }),
  };
  return execution;
}

function stepWith(parts: Partial<Step>): Step {
  return { ...first!, ...parts };
}

function outcomeOf(rendered: RenderedTemplate): unknown {
  return rendered.ok ? parsed(rendered.json) : rendered.failure.message;
}

describe("the variables of a workflow", () => {
  it("are rendered from the input and the execution's id", () => {
    const vars = template({ double: "${input.n * 2}", run: "${execution.id}" }, "vars");
    expect(outcomeOf(renderStartVars(blank, vars, jsonOf({ n: 2 })))).toEqual({ double: 4, run: "e1" });
  });

  it("are an empty object when the workflow has none", () => {
    const input = renderStepInput(executionWith(undefined), stepWith({ with: template("${vars}", "with") }));
    expect(outcomeOf(input)).toEqual({});
  });

  it("must be an object", () => {
    const vars = template("${input}", "vars");
    expect(renderStartVars(blank, vars, jsonOf([1]))).toMatchObject({
      failure: { message: "vars: must be an object", retryable: false, reason: "EXPRESSION_FAILED" },
    });
  });

  it("are read by steps and by the output", () => {
    const execution = executionWith({ region: "eu" });
    const step = stepWith({ with: template({ at: "${vars.region}" }, "with") });
    expect(outcomeOf(renderStepInput(execution, step))).toEqual({ at: "eu" });
    expect(outcomeOf(renderOutput(execution))).toEqual({ a: null, b: null });
  });
});

describe("the variables of a step", () => {
  const step = stepWith({
    vars: template({ region: "us", from: "${vars.region}", __proto__x: 1 }, "steps[0].vars"),
    with: template("${vars}", "with"),
    when: template("${vars.region == 'us'}", "when"),
  });

  it("lie over those of the workflow, in its input and in its condition", () => {
    const execution = executionWith({ region: "eu", zone: 1 });
    expect(outcomeOf(renderStepInput(execution, step))).toEqual({
      region: "us",
      zone: 1,
      from: "eu",
      __proto__x: 1,
    });
    expect(renderWhen(execution, step)).toEqual({ ok: true, value: true });
  });

  it("fail the step when they cannot be rendered", () => {
    expect(renderWhen(executionWith({}), step)).toMatchObject({
      ok: false,
      failure: { message: 'steps[0].vars.from: ${vars.region}: vars has no "region"' },
    });
  });
});

describe("a step's condition", () => {
  it.each([
    ["${input.n > 1}", { ok: true, value: true }],
    ["${steps.b.status == 'SUCCEEDED'}", { ok: true, value: false }],
    ["${input.n}", { ok: false, failure: { message: "when: ${input.n}: must be true or false" } }],
    ["${input.x}", { ok: false, failure: { message: 'when: ${input.x}: input has no "x"' } }],
    ["${input.n + 'a' == ''}", { ok: false, failure: { reason: "EXPRESSION_FAILED", retryable: false } }],
  ])("%s", (when, outcome) => {
    const step = stepWith({ when: template(when, "when") });
    expect(renderWhen(executionWith({}), step)).toMatchObject(outcome);
  });

  it("is true for a step that has none", () => {
    expect(renderWhen(executionWith({}), first!)).toEqual({ ok: true, value: true });
  });
});
