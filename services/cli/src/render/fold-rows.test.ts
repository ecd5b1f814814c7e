import { describe, expect, it } from "vitest";
import type { StepState } from "../progress/execution-view.ts";
import { foldRows } from "./fold-rows.ts";

/** "running:3 pending:2" are five rows, named by their place. */
function folded(rows: string, rowsMax: number): readonly string[] {
  const statuses = rows.split(" ").flatMap((group) => {
    const [status, count] = group.split(":") as [StepState["status"], string];
    return Array.from({ length: Number(count) }, () => status);
  });
  return foldRows(statuses, rowsMax).map((row) =>
    row.kind === "fold" ? `⋯ ${row.text}` : `${row.index} ${statuses[row.index]}`,
  );
}

describe("rows that do not all fit", () => {
  it("are shown as they are when they do", () => {
    expect(folded("succeeded:2 running:1", 3)).toEqual(["0 succeeded", "1 succeeded", "2 running"]);
  });

  it("keep what is going on, then what comes next, then what was done last", () => {
    expect(folded("succeeded:20 running:2 pending:20", 7)).toEqual([
      "⋯ 20 succeeded",
      "20 running",
      "21 running",
      "22 pending",
      "23 pending",
      "24 pending",
      "⋯ 17 pending",
    ]);
    expect(folded("succeeded:20 running:1", 4)).toEqual([
      "⋯ 18 succeeded",
      "18 succeeded",
      "19 succeeded",
      "20 running",
    ]);
  });

  it("keep a failure whatever else there is", () => {
    expect(folded("succeeded:10 failed:1 cancelled:30", 3)).toEqual([
      "⋯ 10 succeeded",
      "10 failed",
      "⋯ 30 cancelled",
    ]);
  });

  it("never take more rows than there are, and lose no step", () => {
    const rows = "succeeded:3 running:1 succeeded:3 queued:4 running:2 pending:9 failed:1 skipped:5";
    for (let rowsMax = 1; rowsMax <= 28; rowsMax++) {
      const lines = folded(rows, rowsMax);
      expect(lines.length).toBeLessThanOrEqual(rowsMax);
      const counted = lines
        .flatMap((line) => (line.startsWith("⋯") ? [...line.matchAll(/\d+/g)].map(Number) : [1]))
        .reduce((a, b) => a + b, 0);
      expect(counted).toBe(28);
    }
  });
});
