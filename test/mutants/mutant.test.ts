import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseMutant } from "./mutant.ts";

const root = join(import.meta.dirname, "../..");

describe("a patch", () => {
  it("says first what the bug is and which tests must notice", () => {
    const text = "Bug: it is late\nTests: a.test.ts b.test.ts\n\ndiff --git a/x b/x\n";
    expect(parseMutant("late.patch", text)).toEqual({
      name: "late.patch",
      bug: "it is late",
      tests: ["a.test.ts", "b.test.ts"],
    });
    expect(() => parseMutant("late.patch", "diff --git a/x b/x\n")).toThrow("late.patch must begin with");
  });

  it("names tests that are there", () => {
    const patches = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".patch"));
    for (const name of patches) {
      const { tests } = parseMutant(name, readFileSync(join(import.meta.dirname, name), "utf8"));
      for (const test of tests) expect(existsSync(join(root, test)), `${name}: ${test}`).toBe(true);
    }
  });
});
