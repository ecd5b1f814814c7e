import { describe, expect, it } from "vitest";
import { renderedLengthMax, templateDepthMax } from "./definition-limits.ts";
import type { Scope } from "./expression-scope.ts";
import { type Json, type JsonValue, jsonOf, jsonText } from "./json.ts";
import { compileTemplate, references, renderTemplate, type Template } from "./template.ts";

function scopeWith(input: Json, outputs: Readonly<Record<string, Json>> = {}): Scope {
  return {
    executionId: "e1",
    input,
    vars: jsonOf({}),
    output: (stepId) => outputs[stepId],
    status: () => "SUCCEEDED",
  };
}

function compile(tree: JsonValue, field?: string): Template {
  const compiled = compileTemplate(tree, field);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.template;
}

function render(tree: JsonValue, input: JsonValue, outputs: Readonly<Record<string, Json>> = {}): unknown {
  const rendered = renderTemplate(compile(tree), scopeWith(jsonOf(input), outputs));
  return rendered.ok ? JSON.parse(rendered.json.text) : rendered.failure;
}

describe("templates", () => {
  it("without holes render as they are", () => {
    const tree = { a: [1, true, null, 't\n"q"'], b: {}, c: [], d: { "odd key": -0.5 } };
    expect(render(tree, null)).toEqual(tree);
    for (const scalar of [null, 1, false, "x"]) expect(render(scalar, null)).toBe(scalar);
  });

  it("keep the type of a value that stands alone", () => {
    const input = { n: 1, s: "x", l: [1, { a: null }], o: { k: true }, z: null };
    expect(
      render(
        { n: "${input.n}", s: "${input.s}", l: ["${input.l}"], o: "${input.o}", z: "${input.z}" },
        input,
      ),
    ).toEqual({
      n: 1,
      s: "x",
      l: [[1, { a: null }]],
      o: { k: true },
      z: null,
    });
  });

  it("interpolate inside text: strings as they are, the rest as JSON", () => {
    const input = { s: 'a "quoted"\n\\ line', n: 1.5, o: { k: ["v"] }, z: null, t: true };
    expect(render("${input.s}|${input.n}|${input.o}|${input.z}|${input.t}", input)).toBe(
      'a "quoted"\n\\ line|1.5|{"k":["v"]}|null|true',
    );
  });

  it("interpolate whole outputs without their surrounding space", () => {
    const outputs = { a: jsonText(' "tab\\tand \\u00e9" '), b: jsonText(' {"k": "v"}\n') };
    expect(render("<${steps.a.output}> <${steps.b.output}>", null, outputs)).toBe(
      '<tab\tand é> <{"k": "v"}>',
    );
  });

  it("keep the type of what CEL gives alone, and write it into text", () => {
    const input = { n: 3, names: ["a", "b"] };
    expect(
      render(
        {
          sum: "${input.n + 1}",
          list: "${input.names.map(x, x + '!')}",
          text: "${input.n > 2}: ${input.names + [1]}",
        },
        input,
      ),
    ).toEqual({ sum: 4, list: ["a!", "b!"], text: 'true: ["a","b",1]' });
  });

  it("fail for good on what CEL cannot evaluate, and name the place and the expression", () => {
    expect(renderTemplate(compile("${input.n + 'a'}", "output"), scopeWith(jsonOf({ n: 1 })))).toMatchObject({
      failure: {
        retryable: false,
        message: "output: ${input.n + 'a'}: + cannot be applied to int and string",
      },
    });
  });

  it("write a doubled dollar as a literal", () => {
    expect(render(["$${input}", "a $${b} ${input}"], 1)).toEqual(["${input}", "a ${b} 1"]);
  });

  it("leave keys alone, hostile ones too", () => {
    const tree = JSON.parse('{"${input}":1,"__proto__":{"x":"${input}"}}') as JsonValue;
    const rendered = render(tree, 7) as object;
    expect(Object.keys(rendered)).toEqual(["${input}", "__proto__"]);
    expect(Object.getOwnPropertyDescriptor(rendered, "__proto__")?.value).toEqual({ x: 7 });
    expect(Object.getPrototypeOf(rendered)).toBe(Object.prototype);
  });

  it("splice a whole output's text without reading it", () => {
    const unread = jsonText("not even JSON");
    const rendered = renderTemplate(
      compile({ x: "${steps.a.output}" }),
      scopeWith(jsonOf(null), { a: unread }),
    );
    expect(rendered).toEqual({ ok: true, json: { text: '{"x":not even JSON}' } });
  });

  it("that are one whole reference give the Json itself", () => {
    const output = jsonText("[1]");
    const rendered = renderTemplate(compile("${steps.a.output}"), scopeWith(jsonOf(null), { a: output }));
    expect(rendered.ok && rendered.json).toBe(output);
  });

  it("read the status of a step and the id of the execution", () => {
    expect(render({ s: "${steps.a.status}", e: "run ${execution.id}" }, null)).toEqual({
      s: "SUCCEEDED",
      e: "run e1",
    });
  });

  it("fail for good on a missing value, and name the place and the expression", () => {
    const template = compile({ files: ["${input.files}"] }, "steps[1].with");
    expect(renderTemplate(template, scopeWith(jsonOf({})))).toEqual({
      ok: false,
      failure: {
        code: "INVALID_ARGUMENT",
        reason: "EXPRESSION_FAILED",
        retryable: false,
        message: 'steps[1].with.files[0]: ${input.files}: input has no "files"',
      },
    });
  });

  it("never read what an object inherits", () => {
    for (const key of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      expect(render(`\${input.${key}}`, {})).toMatchObject({ reason: "EXPRESSION_FAILED" });
    }
  });

  it("fail when the result grows beyond its limit", () => {
    const big = jsonOf("x".repeat(renderedLengthMax / 4));
    const tree = Array.from({ length: 5 }, () => "${steps.a.output}");
    expect(render(tree, null, { a: big })).toMatchObject({ reason: "EXPRESSION_FAILED" });
    expect(render(tree.slice(2), null, { a: big })).toHaveLength(3);
  });
});

describe("compileTemplate", () => {
  it("finds every problem, each with its path", () => {
    const compiled = compileTemplate(
      { a: "${input.x +}", b: ["ok", "${", "${nope} and ${}"], "odd key": "${steps.a}" },
      "with",
    );
    expect(compiled.ok ? [] : compiled.problems.map(({ field }) => field)).toEqual([
      "with.a",
      "with.b[1]",
      "with.b[2]",
      "with.b[2]",
      'with["odd key"]',
    ]);
  });

  it("knows the steps that the sound parts of a tree with problems read", () => {
    expect(compileTemplate(["${", "${steps.one.output}"]).references).toEqual([
      { stepId: "one", field: "[1]" },
    ]);
  });

  it("bounds the nesting", () => {
    const nested = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth)) as JsonValue;
    expect(compileTemplate(nested(templateDepthMax)).ok).toBe(true);
    expect(compileTemplate(nested(templateDepthMax + 1)).ok).toBe(false);
    expect(compileTemplate(nested(100_000)).ok).toBe(false);
  });
});

describe("references", () => {
  it("are the steps that are read, with the place of each mention", () => {
    const template = compile(
      { a: "${steps.one.output.x}", b: ["${steps.two.status} ${steps.one.output}"], c: "${input}" },
      "with",
    );
    expect(references(template)).toEqual([
      { stepId: "one", field: "with.a" },
      { stepId: "two", field: "with.b[0]" },
      { stepId: "one", field: "with.b[0]" },
    ]);
  });

  it("are all the steps of one expression", () => {
    expect(references(compile("${steps.one.output.n > 0 && steps.two.status == 'FAILED'}", "when"))).toEqual([
      { stepId: "one", field: "when" },
      { stepId: "two", field: "when" },
    ]);
  });
});
