import { describe, expect, it } from "vitest";
import { differences, readFolder } from "./folder.ts";

describe("folders", () => {
  it("that hold the same texts do not differ", () => {
    expect(differences(new Map([["a.ts", "1"]]), new Map([["a.ts", "1"]]))).toEqual([]);
  });

  it("differ by what is missing, stale or left over", () => {
    const actual = new Map([
      ["b.ts", "old"],
      ["c.ts", "1"],
    ]);
    const expected = new Map([
      ["a.ts", "1"],
      ["b.ts", "new"],
    ]);
    expect(differences(actual, expected)).toEqual([
      "a.ts is missing",
      "b.ts is stale",
      "c.ts should be gone",
    ]);
  });

  it("are read with all their files, by relative path", async () => {
    const texts = await readFolder(`${import.meta.dirname}/..`);
    expect(texts.get("check/folder.test.ts")).toContain("are read with all their files");
  });
});
