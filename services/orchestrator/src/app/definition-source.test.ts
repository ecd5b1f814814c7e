import { describe, expect, it } from "vitest";
import { defaultDefinitionLimits } from "../core/limits.ts";
import { checkText, checkTree, compiledOf, type DocumentParser } from "./definition-source.ts";

const tree = (steps: readonly object[]) => ({ workflow: "w", version: 1, steps });
const a = { id: "a", capability: "x" };

/** Reads the text as JSON; every field is on the line that its length gives. */
const parse: DocumentParser = (text) =>
  text === "bad"
    ? { ok: false, problems: [{ field: "", message: "is no text", line: 3 }] }
    : { ok: true, tree: JSON.parse(text) as unknown, lineOf: (field) => field.length || undefined };

const read = (text: string) => checkText(text, parse, defaultDefinitionLimits);
const check = (found: unknown) => checkTree(found, defaultDefinitionLimits);

describe("a source", () => {
  it("of text has the lines of its problems and warnings, a tree has none", () => {
    const text = JSON.stringify(tree([{ ...a, dependsOn: ["b"], kapability: 1 }]));
    const fields = ["steps[0].kapability", "steps[0].dependsOn[0]"];
    const fromText = read(text);
    expect(fromText.problems).toMatchObject(fields.map((field) => ({ field, line: field.length })));
    const fromTree = check(JSON.parse(text));
    expect(fromTree.problems.map((problem) => "line" in problem)).toEqual([false, false]);
    expect(fromTree.planned).toBeUndefined();
  });

  it("that is no text has that as its problem", () => {
    const rejected = compiledOf(read("bad"));
    expect(rejected).toEqual({
      kind: "rejection",
      reason: "DEFINITION_INVALID",
      message: "the definition has a problem",
      problems: [{ field: "", message: "is no text", line: 3 }],
    });
  });

  it("with cycles alone is planned, to show them, and refused", () => {
    const checked = check(tree([{ ...a, dependsOn: ["a"] }]));
    expect(checked).toMatchObject({ planned: { plan: { cycles: [[0]] } } });
    expect(compiledOf(checked)).toMatchObject({ reason: "DEFINITION_INVALID", problems: [{}] });
  });

  it("without problems is a workflow, with its warnings", () => {
    const checked = check(tree([a, { ...a, id: "b", dependsOn: ["a", "a"] }]));
    expect(compiledOf(checked)).toMatchObject({
      kind: "compiled",
      workflow: { definition: { name: "w" }, plan: { dependencies: [[], [0]] } },
      warnings: [{ field: "steps[1].dependsOn[1]" }],
    });
  });

  it("with many problems says how many", () => {
    expect(compiledOf(check({}))).toMatchObject({
      message: "the definition has 3 problems",
    });
  });
});
