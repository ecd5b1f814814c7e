import { describe, expect, it } from "vitest";
import { checkTree } from "./check-tree.ts";
import { definitionDepthMax } from "./definition-limits.ts";

const definitionBytesMax = 100_000;

function problemOf(tree: unknown): { field: string; message: string } | undefined {
  const checked = checkTree(tree, definitionBytesMax);
  return checked.ok ? undefined : checked.problem;
}

function nested(depth: number): unknown {
  return JSON.parse("[".repeat(depth) + "]".repeat(depth));
}

describe("checkTree", () => {
  it("passes JSON as it is", () => {
    const tree = JSON.parse('{"a":[1,"x",null,true,{}],"__proto__":{"b":1},"constructor":0}') as unknown;
    const checked = checkTree(tree, definitionBytesMax);
    expect(checked.ok && checked.tree).toBe(tree);
    expect(problemOf(Object.assign(Object.create(null) as object, { a: 1 }))).toBeUndefined();
  });

  it.each([
    ["undefined", undefined],
    ["a function", () => 1],
    ["a bigint", 1n],
    ["a date", new Date(0)],
    ["a map", new Map()],
    ["NaN", Number.NaN],
    ["an infinity", Number.NEGATIVE_INFINITY],
  ])("refuses %s, with its path", (_, value) => {
    expect(problemOf({ steps: [{ "odd key": value }] })?.field).toBe('steps[0]["odd key"]');
  });

  it("bounds the nesting, endless nesting too", () => {
    expect(problemOf(nested(definitionDepthMax))).toBeUndefined();
    expect(problemOf(nested(definitionDepthMax + 1))?.message).toContain("nested");
    expect(problemOf(nested(100_000))?.message).toContain("nested");
    const endless: unknown[] = [];
    endless.push(endless);
    expect(problemOf(endless)?.message).toContain("nested");
  });

  it("bounds the size in UTF-8, of keys too", () => {
    const fits = definitionBytesMax - 10;
    expect(problemOf(["x".repeat(fits)])).toBeUndefined();
    expect(problemOf(["x".repeat(fits + 10)])).toEqual({
      field: "",
      message: `the definition is larger than ${definitionBytesMax} bytes`,
    });
    expect(problemOf(["é".repeat(fits / 2)])).toBeUndefined();
    expect(problemOf(["é".repeat(fits / 2 + 5)])).toBeDefined();
    expect(problemOf(["😀".repeat(fits / 4 - 1)])).toBeUndefined();
    expect(problemOf(["€".repeat(fits / 3 + 5)])).toBeDefined();
    expect(problemOf({ ["k".repeat(1_000)]: 1 })?.message).toContain("key longer than");
  });

  it("counts shared parts as often as they appear, so that a small bomb is refused at once", () => {
    let bomb: unknown = "boom";
    for (let level = 0; level < 35; level++) bomb = [bomb, bomb];
    expect(problemOf(bomb)?.message).toContain("larger than");
  });
});
