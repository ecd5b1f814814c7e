import { describe, expect, it } from "vitest";
import { Table } from "./table.ts";

const row = (name: string) => ({ name });

describe("a table", () => {
  it("tells what has changed since it was last asked, each row once and as it is now", () => {
    const table = new Table<{ name: string }>(10, "refuse");
    table.put("a", row("1"));
    table.put("a", row("2"));
    table.put("b", row("3"));
    table.drop("b");
    table.restore("c", row("4"));
    expect(table.takeChanges()).toEqual([
      { key: "a", row: row("2") },
      { key: "b", row: undefined },
    ]);
    expect(table.takeChanges()).toEqual([]);
    table.drop("nobody");
    expect(table.takeChanges()).toEqual([]);
  });

  it("refuses a new row when it is full, and counts it; a row that it has may change", () => {
    const table = new Table<{ name: string }>(2, "refuse");
    expect([table.put("a", row("1")), table.put("b", row("2")), table.put("c", row("3"))]).toEqual([
      true,
      true,
      false,
    ]);
    expect(table.put("a", row("4"))).toBe(true);
    expect([table.size, table.turnedAway, table.get("c")]).toEqual([2, 1, undefined]);
  });

  it("forgets what changed longest ago, if that is its way", () => {
    const table = new Table<{ name: string }>(2, "forget");
    for (const key of ["a", "b", "a", "c"]) table.put(key, row(key));
    expect([...table.keys()]).toEqual(["a", "c"]);
    expect(table.turnedAway).toBe(1);
    expect(table.takeChanges()).toContainEqual({ key: "b", row: undefined });
  });
});
