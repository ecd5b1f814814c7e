import { describe, expect, it } from "vitest";
import { defaultDefinitionLimits } from "../core/limits.ts";
import { checkText, checkTree, compiledOf, type DocumentParser } from "./definition-source.ts";
import { turn } from "./hand-store.fixture.ts";

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
  it("of text has the lines of its problems and warnings, a tree has none", async () => {
    const text = JSON.stringify(tree([{ ...a, dependsOn: ["b"], kapability: 1 }]));
    const fields = ["steps[0].kapability", "steps[0].dependsOn[0]"];
    const fromText = read(text);
    expect(fromText.problems).toMatchObject(fields.map((field) => ({ field, line: field.length })));
    const fromTree = await check(JSON.parse(text));
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

  it("with cycles alone is planned, to show them, and refused", async () => {
    const checked = await check(tree([{ ...a, dependsOn: ["a"] }]));
    expect(checked).toMatchObject({ planned: { plan: { cycles: [[0]] } } });
    expect(compiledOf(checked)).toMatchObject({ reason: "DEFINITION_INVALID", problems: [{}] });
  });

  it("without problems is a workflow, with its warnings", async () => {
    const checked = await check(tree([a, { ...a, id: "b", dependsOn: ["a", "a"] }]));
    expect(compiledOf(checked)).toMatchObject({
      kind: "compiled",
      workflow: { definition: { name: "w" }, plan: { dependencies: [[], [0]] } },
      warnings: [{ field: "steps[1].dependsOn[1]" }],
    });
  });

  it("with many problems says how many", async () => {
    expect(compiledOf(await check({}))).toMatchObject({
      message: "the definition has 3 problems",
    });
  });
});

describe("a tree with many expressions", () => {
  const steps = Array.from({ length: 2_000 }, (_, at) => ({
    id: `s${at}`,
    capability: "x",
    with: `\${input.n + ${at}} and \${input.n + ${at}}`,
  }));

  it("holds up nobody while they are parsed", async () => {
    const order: string[] = [];
    const checked = check(tree(steps)).then(({ problems }) => order.push(`checked: ${problems.length}`));
    for (let count = 0; count < 5; count++) {
      await turn();
      order.push("a turn");
    }
    await checked;
    expect(order).toEqual([...Array.from({ length: 5 }, () => "a turn"), "checked: 0"]);
  });

  it("has the problems that the check alone finds", async () => {
    const bad = tree([...steps, { ...a, with: ["${1 +}", "${", "${steps.z.output}", "$${no}"] }]);
    const { problems } = checkText(JSON.stringify(bad), parse, defaultDefinitionLimits);
    expect(problems).toHaveLength(3);
    const fields = (found: typeof problems) => found.map(({ field, message }) => [field, message]);
    expect(fields((await check(bad)).problems)).toEqual(fields(problems));
  });
});
