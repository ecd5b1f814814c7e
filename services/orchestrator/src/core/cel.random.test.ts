import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expressionLengthMax } from "./definition-limits.ts";
import { evaluate, parseExpression } from "./expression.ts";
import type { Scope } from "./expression-scope.ts";
import { jsonOf, jsonText } from "./json.ts";

const members = fc.constantFrom("a", "b", "list", "constructor", "__proto__");

const names = fc.constantFrom(
  "input",
  "vars",
  "steps.s.output",
  "steps.s.status",
  "execution.id",
  "x",
  "int",
  "null",
);
const values = fc.constantFrom(
  "true",
  "false",
  "0",
  "1",
  "-1",
  "2.5",
  "3u",
  "'a'",
  "'12'",
  "b'z'",
  "[]",
  "{}",
);
const infix = fc.constantFrom(..."+ - * / % == != < >= in && ||".split(" "));
const functions = fc.constantFrom(
  ..."size string int uint double bool bytes type dyn timestamp duration ! -".split(" "),
);
const methods = fc.constantFrom("contains", "matches", "startsWith", "endsWith", "getHours");
const macros = fc.constantFrom("map", "filter", "all", "exists", "exists_one");

/** Expressions that parse, most of them with operands that do not go together. */
const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const part = tie("expression");
  return {
    expression: fc.oneof(
      { maxDepth: 4, depthIdentifier: "expression" },
      names,
      values,
      fc.tuple(part, members).map(([from, member]) => `${from}.${member}`),
      fc.tuple(part, members).map(([from, member]) => `has(${from}.${member})`),
      fc.tuple(part, part).map(([from, key]) => `${from}[${key}]`),
      fc.tuple(part, infix, part).map((parts) => `(${parts.join(" ")})`),
      fc.tuple(part, part, part).map(([condition, yes, no]) => `(${condition} ? ${yes} : ${no})`),
      fc.array(part, { maxLength: 3 }).map((elements) => `[${elements.join(", ")}]`),
      fc.tuple(part, part).map(([key, value]) => `{${key}: ${value}}`),
      fc.tuple(functions, part).map(([name, operand]) => `${name}(${operand})`),
      fc.tuple(part, methods, part).map(([text, name, operand]) => `${text}.${name}(${operand})`),
      fc.tuple(part, macros, part).map(([range, macro, body]) => `${range}.${macro}(x, ${body})`),
    ),
  };
});

/** Pieces of the language in any order. */
const rubble = fc
  .array(
    fc.constantFrom(
      ..."input . steps a ( ) [ ] { } : , ? ! - + && || == in 1 0x 1e 'x' \" ''' r' \\ // \n map( x".split(
        " ",
      ),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(""));

function scopeOf(input: string, output: string): Scope {
  return {
    executionId: "e1",
    input: jsonText(input),
    vars: jsonOf({ a: 1, list: [1, 2] }),
    output: () => jsonText(output),
    status: () => "SUCCEEDED",
  };
}

function endsWell(source: string, scope: Scope): void {
  const read = parseExpression(source);
  if (!read.ok) {
    expect(read.message).not.toBe("");
    return;
  }
  const evaluation = evaluate(read.expression, scope);
  if (evaluation.ok) JSON.parse(evaluation.json.text);
  else expect(evaluation.message).not.toMatch(/undefined|\[object|Maximum call stack|internal|^$/);
  expect(evaluate(read.expression, scope)).toEqual(evaluation);
}

describe("any expression", () => {
  it("has a JSON value or says why not, over any data, and the same each time", () => {
    fc.assert(
      fc.property(expression, fc.json(), fc.json(), (body, input, output) => {
        const source = `[1, 'a', input].map(x, ${body})`;
        fc.pre(source.length <= expressionLengthMax);
        endsWell(source, scopeOf(input, output));
      }),
      { numRuns: 1_500 },
    );
  });

  it("does so even when it is rubble", () => {
    const scope = scopeOf('{"a":[1]}', "null");
    fc.assert(
      fc.property(rubble, (source) => endsWell(source, scope)),
      { numRuns: 1_500 },
    );
  });
});
