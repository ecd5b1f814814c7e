import { describe, expect, it } from "vitest";
import { patternProblem, patternSize } from "./cel-pattern.ts";
import { patternLengthMax } from "./definition-limits.ts";

describe("patternSize", () => {
  it.each([
    ["abc", 3],
    ["a{10}", 10],
    ["a{2,5}b", 6],
    ["a{3,}", 3],
    ["(ab){10}", 40],
    ["((a{10}){10}){10}", 1_220],
    ["[a-z]{8}-[a-z]{4}", 13],
    ["[(]{5}", 5],
    ["(a[(]){5}", 20],
    ["(a[]({2}]){5}", 20],
    ["\\({5}", 5],
    ["(a{0})", 3],
    [")){9}", 10],
  ])("of %s is %d", (pattern, size) => {
    expect(patternSize(pattern)).toBe(size);
  });
});

describe("patternProblem", () => {
  it.each([
    "(a{1000}){1000}",
    "((a{30}){30}){30}",
    `(${"a".repeat(150)}){900}`,
    "\\pL",
    "\\P{Greek}",
    "\\Q(\\E",
    "a".repeat(patternLengthMax + 1),
  ])("refuses %s", (pattern) => {
    expect(patternProblem(pattern)).toContain("the pattern");
  });

  it("has nothing against what people write", () => {
    const uuid = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
    for (const pattern of [uuid, "^v\\d+\\.\\d+\\.\\d+$", "(?i)^(main|release/.{1,40})$"])
      expect(patternProblem(pattern)).toBeUndefined();
  });
});
