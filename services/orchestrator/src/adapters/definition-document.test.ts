import { describe, expect, it } from "vitest";
import { checkDefinition } from "../core/check-definition.ts";
import { defaultDefinitionLimits } from "../core/limits.ts";
import { aliasesMax, parseDocument, yamlBytesMax } from "./definition-document.ts";

const yaml = `# A report
workflow: repository-report
version: 1
steps:
  - id: collect
    capability: repo.collect
    with: { path: "\${input.path}" }
  - id: check
    capability: repo.check
    dependsOn:
      - collect
      - nobody
    "odd key":
      on: [yes, no, 2001-01-01, 0x10, ~]
`;

function treeOf(text: string): unknown {
  const parsed = parseDocument(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.tree;
}

function messagesOf(text: string): readonly string[] {
  const parsed = parseDocument(text);
  return parsed.ok ? [] : parsed.problems.map(({ message }) => message);
}

function lineFinderOf(text: string): (field: string) => number | undefined {
  const parsed = parseDocument(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.lineOf;
}

describe("a definition's document", () => {
  it("is YAML 1.2: no dates, and only true and false are booleans", () => {
    expect(treeOf(yaml)).toEqual({
      workflow: "repository-report",
      version: 1,
      steps: [
        { id: "collect", capability: "repo.collect", with: { path: "${input.path}" } },
        {
          id: "check",
          capability: "repo.check",
          dependsOn: ["collect", "nobody"],
          "odd key": { on: ["yes", "no", "2001-01-01", 16, null] },
        },
      ],
    });
  });

  it("is JSON just as well, to the same tree", () => {
    const tree = treeOf(yaml);
    for (const indent of [undefined, 2, "\t"])
      expect(treeOf(JSON.stringify(tree, null, indent))).toEqual(tree);
  });

  it("tells the line of a field, in YAML and in JSON", () => {
    const lineOf = lineFinderOf(yaml);
    expect(
      [
        "",
        "version",
        "steps",
        "steps[0]",
        "steps[1].id",
        "steps[1].dependsOn",
        "steps[1].dependsOn[1]",
        'steps[1]["odd key"].on[4]',
      ].map(lineOf),
    ).toEqual([2, 3, 4, 5, 8, 10, 12, 14]);
    const inJson = lineFinderOf(
      JSON.stringify({ workflow: "w", steps: [{ id: "a" }, { id: "b" }] }, null, 1),
    );
    expect(["workflow", "steps[1].id"].map(inJson)).toEqual([2, 8]);
  });

  it("tells the line around a field that is not there", () => {
    const lineOf = lineFinderOf(yaml);
    expect(["mode", "steps[0].id.x", "steps[1].timeout", "steps[7]", "not a path"].map(lineOf)).toEqual([
      2, 5, 8, 4, 2,
    ]);
  });

  it("leads every problem of a check back to its line", () => {
    const parsed = parseDocument(yaml);
    const check = parsed.ok ? checkDefinition(parsed.tree) : undefined;
    const fields = check?.status === "invalid" ? check.problems.map(({ field }) => field) : [];
    expect(fields).toEqual(['steps[1]["odd key"]', "steps[1].dependsOn[1]"]);
    expect(fields.map(lineFinderOf(yaml))).toEqual([13, 12]);
  });

  it("shares what an alias names", () => {
    expect(treeOf("a: &x { b: 1 }\nc: *x\n")).toEqual({ a: { b: 1 }, c: { b: 1 } });
  });
});

describe("refused, with the line,", () => {
  it.each([
    ["what is not YAML", "a: [1\nb: 2\n", /^line \d+, column \d+: /],
    ["a repeated key", "a: 1\nb:\n  c: 1\n  c: 2\n", /^line 4, column 3: the key "c" is repeated$/],
    ["a repeated key in JSON", '{"a": 1,\n "a": 2}', /^line 2, column 2: the key "a" is repeated$/],
    ["a repeated __proto__ in JSON", '{"__proto__": 1,\n "__proto__": 2}', /^line 2, column 2: /],
    ["a second document", "a: 1\n---\nb: 2\n", /^line 2, /],
    ["an unknown tag", "a: !!js/function x\n", /^line 1, column 4: Unresolved tag/],
    ["a key that is a list", "? [a]\n: 1\n", /^line 1, /],
  ])("is %s", (_, text, message) => {
    expect(messagesOf(text)[0]).toMatch(message);
  });

  it("are all repeated keys at once", () => {
    expect(messagesOf("a: 1\na: 2\nb: 1\nb: 2\n")).toHaveLength(2);
  });
});

describe("a hostile document", () => {
  it("is refused by its size before anything else", () => {
    const { definitionBytesMax } = defaultDefinitionLimits;
    expect(messagesOf("é".repeat(definitionBytesMax / 2 + 1))).toEqual([
      "the document has 1048578 bytes; the limit is 1048576",
    ]);
    expect(messagesOf(`a: ${"x".repeat(yamlBytesMax)}`)).toEqual([
      `the document has ${yamlBytesMax + 3} bytes and is not JSON; the limit for YAML is ${yamlBytesMax}, and JSON may be larger`,
    ]);
  });

  it("may have a fault in every character, which costs no stacks, and later errors have theirs", () => {
    const messages = messagesOf(`a: [${",".repeat(1_000)}]`);
    expect([messages.length, messages.at(-1)]).toEqual([101, "and 900 more"]);
    expect(new Error("later").stack).toContain("definition-document.test");
  });

  it("may be large when it is JSON", () => {
    const large = JSON.stringify({ a: "x".repeat(yamlBytesMax), b: ["\\", 'x": y'] });
    expect(treeOf(large)).toEqual(JSON.parse(large));
    expect(lineFinderOf(large)("a")).toBeUndefined();
    expect(messagesOf(`{"d":1,"d":2,${large.slice(1)}`)).toEqual(["an object has the same key twice"]);
  });

  it("gets nowhere with aliases", () => {
    const levels = Array.from(
      { length: 20 },
      (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`,
    );
    expect(messagesOf(["a0: &a0 [x]", ...levels].join("\n"))).toHaveLength(1);
    expect(messagesOf(`a: &a 1\nb: [${"*a,".repeat(aliasesMax + 1)}]`)).toEqual([
      `the document has more than ${aliasesMax} aliases`,
    ]);
    expect(messagesOf("a: *missing")[0]).toContain("missing");
    expect(checkDefinition(treeOf("a: &a [*a]")).status).toBe("invalid");
  });

  it("gets nowhere with nesting", () => {
    for (const opener of ["[", '{"a":', "- "]) {
      expect(messagesOf(opener.repeat(20_000)).join()).toMatch(/nested too deeply|line/);
    }
    const json = "[".repeat(100_000) + "]".repeat(100_000);
    expect(checkDefinition(treeOf(json)).status).toBe("invalid");
  });

  it("does not reach a prototype", () => {
    const tree = treeOf("__proto__: { polluted: true }\nconstructor: 1\n") as object;
    expect(Object.keys(tree)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(tree)).toBe(Object.prototype);
  });
});
