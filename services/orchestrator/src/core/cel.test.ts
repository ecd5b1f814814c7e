import { describe, expect, it } from "vitest";
import { evaluationMessageLengthMax, expressionNodesMax } from "./definition-limits.ts";
import { evaluate, parseExpression } from "./expression.ts";
import type { Scope } from "./expression-scope.ts";
import { jsonOf, jsonText } from "./json.ts";

const input = {
  n: 7,
  price: 1.5,
  name: "héé😀",
  none: null,
  list: [1, 2, 3],
  files: [
    { path: "a.ts", size: 10 },
    { path: "b.md", size: 20 },
  ],
  nested: { a: { b: [null, { c: true }] } },
  constructor: { name: 1 },
  "1": "one",
};

const scope: Scope = {
  executionId: "e1",
  input: jsonOf(input),
  vars: jsonText('{"__proto__":{"own":1},"limit":2}'),
  output: (stepId) => (stepId === "collect" ? jsonOf({ count: 3 }) : undefined),
  status: (stepId) => (stepId === "collect" ? "SUCCEEDED" : "SKIPPED"),
};

function evaluated(source: string): unknown {
  const read = parseExpression(source);
  if (!read.ok) return read.message;
  const evaluation = evaluate(read.expression, scope);
  return evaluation.ok ? JSON.parse(evaluation.json.text) : evaluation.message;
}

describe("CEL expressions", () => {
  it.each([
    ["steps.collect.output.count > 0", true],
    ["steps.later.output == null", true],
    ["steps.later.status == 'SKIPPED' && steps['collect'].status == 'SUCCEEDED'", true],
    ["execution.id + '!'", "e1!"],
    ["vars.limit + 1", 3],
    ["vars.__proto__.own + 1", 2],
    ["input.constructor.name + 1", 2],
    ["input.n + 1", 8],
    ["input.n / 2", 3],
    ["input.n / 2.0", 3.5],
    ["input.price * 2", 3],
    ["input.n == 7.0 && input.n == 7u", true],
    ["input.name.size()", 4],
    ["input.none == null", true],
    ["has(input.none) && !has(input.nope)", true],
    ["input.list + [4]", [1, 2, 3, 4]],
    ["input.list.map(x, x * 2)", [2, 4, 6]],
    ["input.files.filter(f, f.size > 15).map(f, f.path)", ["b.md"]],
    ["input.list.map(x, x > 1, [x])", [[2], [3]]],
    ["input.list.exists_one(x, x == 2) && input.list.all(x, x > 0)", true],
    ["input.list.exists(x, x == 'a' || x == 3)", true],
    ["input.list.map(a, input.list.filter(b, b > a))", [[2, 3], [3], []]],
    ["input.list.map(input, input + 1)", [2, 3, 4]],
    ["input.nested.map(key, key)", ["a"]],
    ["input.nested == {'a': {'b': [null, {'c': true}]}}", true],
    ["2 in input.list && 'a' in input.nested && !(1 in input)", true],
    ["input.list[0u] + input.list[1.0]", 3],
    ["{'a': 1, 2: [true]}", { a: 1, "2": [true] }],
    ["'null' in {'null': null}", true],
    ["input.n > 5 ? 'big' : 'small'", "big"],
    ["input.nope == 1 || true", true],
    ["timestamp('2024-02-03T04:05:06Z')", "2024-02-03T04:05:06Z"],
    ["timestamp('2024-02-03T04:05:06Z').getHours('+02:00')", 6],
    ["timestamp('2024-12-31T23:59:59Z').getDayOfYear()", 365],
    ["int(timestamp(5))", 5],
    ["int('-12') + int(2.9)", -10],
    ["timestamp(0) + duration('90s')", "1970-01-01T00:01:30Z"],
    ["duration('90s')", "90s"],
    ["duration('90s').getMinutes()", 1],
    ["'a-12'.matches('^[a-z]-[0-9]{2}$')", true],
    ["string(input.n) + string(true)", "7true"],
    ["type(input.n) == int && type(input.price) == double", true],
    ["1u", 1],
    ["true", true],
  ])("%s has its value", (source, value) => {
    expect(evaluated(source)).toEqual(value);
  });

  it.each([
    ["input.nested.a.c == 1", 'input.nested.a has no "c"'],
    ["input.files[5].path == ''", "input.files has no element 5: its length is 2"],
    ["input.none.x == 1", "input.none is null"],
    ["input.n.x == 1", "input.n is neither an object nor a list"],
    ["input.files.all(f, f.owner == 'x')", 'f has no "owner"'],
    ["steps.later.output.x == 1", "steps.later.output is null"],
    ["input.n + 'a'", "+ cannot be applied to int and string"],
    ["!input.n", "! cannot be applied to int"],
    ["input.n ? 1 : 2", "a condition must be true or false, not int"],
    ["input.n.map(x, x)", "only lists and objects can be gone over, and this is int"],
    ["double('x')", '"x" is no number'],
    ["int('')", '"" is no whole number'],
    ["1 / 0", "int divide by zero"],
    ["timestamp(0).getHours('Europe/Paris')", 'a time zone must be "UTC" or an offset such as "+02:00"'],
    ["9007199254740993", "9007199254740993 is beyond the whole numbers that JSON keeps exactly (2^53)"],
    ["1.0 / 0.0", "the result is Infinity, which JSON has not"],
    ["b'x'", "the result holds a value of type bytes, which JSON has not"],
    ["[int]", "the result holds a value of type type, which JSON has not"],
  ])("%s has no value, and the message says why", (source, message) => {
    expect(evaluated(source)).toBe(message);
  });

  it.each([
    ["a = b", 'cannot be read from character 3 on, "= b"; equality is =='],
    ["input.a and input.b", "; and is &&"],
    ["1 +\n\n  * 2", "cannot be read from character 3 on"],
    ["(1", "ends too early"],
    ["if == 1", 'has a reserved word at character 1, "if == 1"'],
    ["foo + 1", 'has the unknown name "foo"'],
    ["[1].map(x, y)", 'has the unknown name "y"'],
    ["[1].all(x, true) && x", 'has the unknown name "x"'],
    ["steps.map(s, s)", "must name the steps that it reads"],
    ["steps[input.a].output == 1", "must name the steps that it reads"],
    ["steps.a == null", "must name the steps that it reads"],
    ["steps.a.attempt == 1", 'reads "attempt" of a step, which has output and status'],
    ["execution == 1", "must read execution.id"],
    ["execution.start == 1", "must read execution.id"],
    ["lower(input.a)", 'calls "lower", which is no function'],
    ["input.a.@member(1)", "cannot be read"],
    ["[1].map(1, 2)", "must give map() a name and an expression"],
    ["has(input)", "must give has() a member"],
    ["google.protobuf.Timestamp{seconds: 1}", "makes a google.protobuf.Timestamp"],
    ["99999999999999999999", "which is beyond 64 bits"],
    [`1${" + 1".repeat(240)}`, `has more than ${expressionNodesMax} names, values and operators`],
    [
      "[1].map(a, [1].map(b, [1].map(c, c)))",
      "has more than 2 macros such as map and filter within one another",
    ],
  ])("%j is refused, and the message says why", (source, message) => {
    expect(evaluated(source)).toContain(message);
    expect(evaluated(source)).toContain(JSON.stringify(source).slice(0, 8));
  });

  it("tell no more of a failure than anybody reads", () => {
    const message = evaluated(`bool('${"x".repeat(120)}' + execution.id)`);
    expect(typeof message === "string" && message.length).toBeLessThanOrEqual(evaluationMessageLengthMax + 1);
  });

  it("leave the stack traces of the rest of the program as they were", () => {
    const before = Error.stackTraceLimit;
    evaluated("input.nope + 1");
    evaluated("1 +");
    expect(Error.stackTraceLimit).toBe(before);
  });
});
