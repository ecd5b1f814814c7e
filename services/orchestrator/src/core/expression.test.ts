import { describe, expect, it } from "vitest";
import { evaluate, isConstant, parseExpression, stepsOf } from "./expression.ts";
import type { Scope } from "./expression-scope.ts";
import { jsonText } from "./json.ts";

const collected = jsonText(
  '{"files":[{"path":"a.ts"},{"path":"b.ts"}],"odd key":1,"none":null,"__proto__":{"own":true}}',
);

const scope: Scope = {
  executionId: "e1",
  input: jsonText('{ "path": "/src" }'),
  vars: jsonText('{"region":"eu"}'),
  output: (stepId) => (stepId === "collect" ? collected : undefined),
  status: (stepId) => (stepId === "collect" ? "SUCCEEDED" : "PENDING"),
};

function evaluated(source: string): unknown {
  const parsedExpression = parseExpression(source);
  if (!parsedExpression.ok) return parsedExpression.message;
  const evaluation = evaluate(parsedExpression.expression, scope);
  return evaluation.ok ? JSON.parse(evaluation.json.text) : evaluation.message;
}

describe("expressions", () => {
  it.each([
    ["input", { path: "/src" }],
    [" input.path ", "/src"],
    ["steps.collect.output.files[1].path", "b.ts"],
    ['steps.collect.output["odd key"]', 1],
    ["steps['collect'].output.none", null],
    ["steps.collect.output.__proto__.own", true],
    ["steps.later.output", null],
    ["steps.collect.status", "SUCCEEDED"],
    ["execution.id", "e1"],
    ["vars.region", "eu"],
  ])("%s has its value", (source, value) => {
    expect(evaluated(source)).toEqual(value);
  });

  it("hand on a whole input or output as the very Json it is", () => {
    const whole = parseExpression("steps.collect.output");
    expect(whole.ok && evaluate(whole.expression, scope)).toEqual({ ok: true, json: collected });
    expect(whole.ok && stepsOf(whole.expression)).toEqual(["collect"]);
  });

  it.each([
    ["input.size", 'input has no "size"'],
    ["input.toString", 'input has no "toString"'],
    ["input.path.length", "input.path is neither an object nor a list"],
    ["input[0]", "input is an object, not a list"],
    ["steps.collect.output.files[2]", "steps.collect.output.files has no element 2: its length is 2"],
    ["steps.collect.output.files.length", "steps.collect.output.files is a list"],
    ["steps.collect.output.files[0].constructor", 'steps.collect.output.files[0] has no "constructor"'],
    ["steps.collect.output.none.x", "steps.collect.output.none is null"],
    ["steps.later.output.x", "steps.later.output is null"],
    ["vars.zone", 'vars has no "zone"'],
  ])("%s has no value, and the message says why", (source, message) => {
    expect(evaluated(source)).toBe(message);
  });

  it.each([
    ["", "holds no expression"],
    ["nope.x", 'has the unknown name "nope"; known are input, vars, steps and execution'],
    ["steps", "must name a step's output or its status"],
    ["steps.a", "must name a step's output or its status"],
    ["steps.a.input", "must name a step's output or its status"],
    ["steps.a.status.code", "must name a step's output or its status"],
    ["steps[0].output", "must name a step's output or its status"],
    ["execution", "must be execution.id"],
    ["execution.id.x", "must be execution.id"],
    ["input.a +", "cannot be read from character 9 on"],
    [`input.${"a".repeat(1_000)}`, "must not be longer than 1000 characters"],
  ])("%j is none, and the message says why", (source, message) => {
    expect(evaluated(source)).toContain(message);
  });

  it("fail, and do not throw, on a value that is nested too deeply to be written", () => {
    const deep = jsonText(`{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`);
    const deepScope = { ...scope, input: deep };
    const parsedExpression = parseExpression("input.a");
    expect(parsedExpression.ok && evaluate(parsedExpression.expression, deepScope)).toEqual({
      ok: false,
      message: "the value is nested too deeply",
    });
  });

  it("know the steps that they read, each once", () => {
    const source = "steps.a.output.n > 1 && steps.b.status == 'FAILED' && steps['a'].status != 'FAILED'";
    const read = parseExpression(source);
    expect(read.ok && stepsOf(read.expression)).toEqual(["a", "b"]);
  });

  it.each([
    ["1 + 1", true],
    ["[1, 2].map(input, input * 2)", true],
    ["true", true],
    ["input.n", false],
    ["input.n > 1", false],
    ["execution.id == 'e1'", false],
  ])("%s is constant: %s", (source, expected) => {
    const read = parseExpression(source);
    expect(read.ok && isConstant(read.expression)).toBe(expected);
  });
});
