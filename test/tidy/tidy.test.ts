import { describe, expect, it } from "vitest";
import { houseFrom } from "./house.ts";
import { report } from "./rule.ts";
import { rules } from "./rules.ts";
import { readWorktree } from "./worktree.ts";

describe("the sources keep the rules of the house", () => {
  const house = houseFrom(readWorktree());

  it("which cover this file too", () => {
    expect(house.files.map(({ path }) => path)).toContain("test/tidy/tidy.test.ts");
  });

  it.each(rules)("$name", (rule) => {
    const violations = rule.check(house);
    if (violations.length > 0)
      throw new Error(`${violations.length} violations\n${report(rule, violations)}`);
  });
});
