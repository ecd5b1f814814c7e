import { describe, expect, it } from "vitest";
import { suggestionsMax } from "./definition-limits.ts";
import { didYouMean, nearestName } from "./nearest-name.ts";
import { newFindings } from "./problem.ts";

describe("nearestName", () => {
  const names = ["collect", "measure", "check", "report"];

  it.each([
    ["colect", "collect"],
    ["mesaure", "measure"],
    ["chek", "check"],
    ["reports", "report"],
  ])("finds for %s the name %s", (slip, name) => {
    expect(nearestName(slip, names)).toBe(name);
  });

  it("prefers the closest", () => {
    expect(nearestName("step_11", ["step_1", "step_12", "step_2"])).toBe("step_1");
    expect(nearestName("abcdef", ["abcdxx", "abcdex"])).toBe("abcdex");
  });

  it("suggests nothing far-fetched", () => {
    expect(nearestName("publish", names)).toBeUndefined();
    expect(nearestName("a", ["b"])).toBeUndefined();
    expect(nearestName("ab", ["cd"])).toBeUndefined();
    expect(nearestName("", ["a"])).toBeUndefined();
  });
});

describe("didYouMean", () => {
  it("makes a limited number of suggestions for one definition", () => {
    const findings = newFindings();
    const hints = Array.from({ length: suggestionsMax + 1 }, () => didYouMean(findings, "stpes", ["steps"]));
    expect(hints[0]).toBe('; did you mean "steps"?');
    expect(hints.filter((hint) => hint !== "")).toHaveLength(suggestionsMax);
  });
});
