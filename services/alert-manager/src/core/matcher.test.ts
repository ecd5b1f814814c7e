import { describe, expect, it } from "vitest";
import { matches } from "./matcher.ts";

describe("a matcher", () => {
  it.each([
    [["release"], "release", true],
    [["release"], "releases", false],
    [["rel*"], "release", true],
    [["*ease"], "release", true],
    [["r*e*e"], "release", true],
    [["r*x*e"], "release", false],
    [["ab*ba"], "aba", false],
    [["*"], "", true],
    [["a", "b"], "b", true],
    [["!a"], "b", true],
    [["!a"], "a", false],
    [["!a*", "!b"], "b", false],
    [["!a*", "!b"], "c", true],
    [["a*", "!ab"], "ab", false],
    [["a*", "!ab"], "ac", true],
    [[""], "", true],
    [["a.b"], "axb", false],
  ])("%j says of %j: %s", (patterns, value, expected) => {
    expect(matches({ label: patterns }, { label: value })).toBe(expected);
  });

  it("asks for every label, and takes one that is missing for empty", () => {
    expect(matches({ a: ["1"], b: ["2"] }, { a: "1", b: "2", c: "3" })).toBe(true);
    expect(matches({ a: ["1"], b: ["2"] }, { a: "1" })).toBe(false);
    expect(matches({ b: ["!2"] }, {})).toBe(true);
    expect(matches({}, { a: "1" })).toBe(true);
  });

  it("is quick on patterns that are made to be slow", () => {
    const pattern = `${"*a".repeat(100)}b`;
    expect(matches({ a: [pattern] }, { a: "a".repeat(250) })).toBe(false);
  });
});
