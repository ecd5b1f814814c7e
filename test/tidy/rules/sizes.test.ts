import { describe, expect, it } from "vitest";
import { breaches } from "../inline-house.ts";
import { sizes } from "./sizes.ts";

const lines = (count: number) => "// a line\n".repeat(count);
const body = (count: number) => `{\n${lines(count - 2)}}`;

describe("sizes", () => {
  it("allows a file of 300 lines and a test of 400", () => {
    expect(breaches(sizes, { "libs/a.ts": lines(300), "libs/a.test.ts": lines(400) })).toEqual([]);
  });

  it("refuses longer ones", () => {
    const sources = {
      "libs/a.ts": lines(301),
      "libs/a.test.ts": lines(401),
      "libs/b.contract.ts": lines(401),
    };
    expect(breaches(sizes, sources)).toEqual([
      "libs/a.ts:301 301 lines, more than 300",
      "libs/a.test.ts:401 401 lines, more than 400",
      "libs/b.contract.ts:401 401 lines, more than 400",
    ]);
  });

  it("takes a contract suite for the describe that it is", () => {
    expect(breaches(sizes, { "libs/a.contract.ts": `export function describeA() ${body(60)}` })).toEqual([]);
    expect(breaches(sizes, { "libs/a.contract.ts": `function sampleA() ${body(60)}` })).toHaveLength(1);
  });

  it.each([
    ["a function", (text: string) => `function f() ${text}`],
    ["an arrow", (text: string) => `const f = () => ${text};`],
    ["a method", (text: string) => `class C { m() ${text} }`],
    ["a callback", (text: string) => `items.forEach(() => ${text});`],
  ])("holds %s to 50 lines", (_what, write) => {
    expect(breaches(sizes, { "libs/a.ts": write(body(50)) })).toEqual([]);
    const problem = "libs/a.ts:1 a function of 51 lines, more than 50";
    expect(breaches(sizes, { "libs/a.ts": write(body(51)) })).toEqual([problem]);
  });

  it.each([
    "describe(title, () => #);",
    "it.each(rows)(title, async () => #);",
    "beforeEach(function () #);",
  ])("lets %s run on, and not the functions within", (source) => {
    expect(breaches(sizes, { "libs/a.test.ts": source.replace("#", body(60)) })).toEqual([]);
    const nested = source.replace("#", `{ const f = () => ${body(60)} }`);
    expect(breaches(sizes, { "libs/a.test.ts": nested })).toHaveLength(1);
  });
});
