import { describe, expect, it } from "vitest";
import { lineOf, paintLine } from "./line.ts";
import { plain } from "./paint.ts";
import { type Column, tableLines } from "./table.ts";

function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  const cells = rows.map((row) => row.map((text) => lineOf(text)));
  return tableLines(columns, cells, width).map((line) => paintLine(line, plain));
}

const columns: readonly Column[] = [
  { title: "AGENT", widthMin: 6 },
  { title: "FREE", align: "right" },
  { title: "CAPABILITIES", widthMin: 5 },
  { title: "ADDRESS", isExtra: true },
];
const rows = [
  ["collector", "4", "repo.collect, repo.walk", "127.0.0.1:4000"],
  ["分析", "12", "repo.check", "127.0.0.1:4001"],
];

describe("a table", () => {
  it("is as wide as its cells", () => {
    expect(table(columns, rows, Number.POSITIVE_INFINITY)).toEqual([
      "AGENT      FREE  CAPABILITIES             ADDRESS",
      "collector     4  repo.collect, repo.walk  127.0.0.1:4000",
      "分析         12  repo.check               127.0.0.1:4001",
    ]);
  });

  it("leaves out extra columns before it cuts others", () => {
    expect(table(columns, rows, 42)).toEqual([
      "AGENT      FREE  CAPABILITIES",
      "collector     4  repo.collect, repo.walk",
      "分析         12  repo.check",
    ]);
  });

  it("leaves out the last extra column first", () => {
    const extras = ["A", "B", "C"].map((title) => ({ title, isExtra: title !== "A" }));
    const row = [["aaa", "bbb", "ccc"]];
    expect(table(extras, row, 12)).toEqual(["A    B", "aaa  bbb"]);
    expect(table(extras, row, 7)).toEqual(["A", "aaa"]);
  });

  it("cuts the widest columns that may be cut", () => {
    expect(table(columns, rows, 28)).toEqual([
      "AGENT      FREE  CAPABILITI…",
      "collector     4  repo.colle…",
      "分析         12  repo.check",
    ]);
    expect(table(columns, rows, 12)).toEqual(["AGENT   FRE…", "colle…     …", "分析      1…"]);
  });

  it("leaves out what is empty in every row", () => {
    expect(table(columns, [["collector", "4", "", ""]], 80)).toEqual(["AGENT      FREE", "collector     4"]);
  });
});
