import { describe, expect, it } from "vitest";
import { cutLine, type Line, lineOf, lineWidth, padLine, paintLine, wrapLine } from "./line.ts";
import { colored, plain } from "./paint.ts";

const two: Line = [{ text: "step " }, { text: "読み込み", style: "red" }];

function shown(line: Line): string {
  return line.map(({ text }) => text).join("");
}

describe("a line", () => {
  it("is cut by columns, across its spans", () => {
    expect(shown(cutLine(two, 13))).toBe("step 読み込み");
    expect(shown(cutLine(two, 12))).toBe("step 読み込…");
    expect(shown(cutLine(two, 5))).toBe("step…");
    expect(shown(cutLine(two, Number.POSITIVE_INFINITY))).toBe("step 読み込み");
    for (let columns = 1; columns < 13; columns++)
      expect(lineWidth(cutLine(two, columns))).toBeLessThanOrEqual(columns);
  });

  it("is padded on either side", () => {
    expect(shown(padLine(two, 15))).toBe("step 読み込み  ");
    expect(shown(padLine(lineOf("7"), 3, "right"))).toBe("  7");
    expect(shown(padLine(two, 3))).toBe("step 読み込み");
  });

  it("is painted at last, without trailing blanks", () => {
    expect(paintLine([...two, { text: "  " }], plain)).toBe("step 読み込み");
    expect(paintLine(lineOf("no", "red"), colored)).toBe("\u001b[31mno\u001b[39m");
  });

  it("breaks between words, and indents what goes on below", () => {
    const failed = lineOf("check failed:  ", "red");
    const wrapped = wrapLine([...failed, ...lineOf("the commit  changes nothing")], 20, 2);
    expect(wrapped.map(shown)).toEqual(["check failed:  the", "  commit  changes", "  nothing"]);
    expect(wrapLine([...failed, ...lineOf("everything")], 14, 2).map(shown)).toEqual([
      "check failed:",
      "  everything",
    ]);
  });

  it("leaves a word alone that fits nowhere", () => {
    const lines = wrapLine(lineOf("see 000-0mf3k9x2a-1f9c2e4b6a8d0c1e there"), 12, 2);
    expect(lines.map((line) => paintLine(line, plain))).toEqual([
      "see",
      "  000-0mf3k9x2a-1f9c2e4b6a8d0c1e",
      "  there",
    ]);
  });
});
