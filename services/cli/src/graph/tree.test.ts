import { describe, expect, it } from "vitest";
import type { GraphStep } from "./graph-step.ts";
import { treeOf } from "./tree.ts";

/** "c < a b" is a step c that waits for a and b. */
function drawn(...steps: readonly string[]): string {
  const parsed: GraphStep[] = steps.map((step) => {
    const [id = "", ...dependencies] = step.split(/ < | /);
    return { id, dependencies };
  });
  return treeOf(parsed)
    .map(({ id, rail }) => rail + id)
    .join("\n");
}

function lines(...expected: readonly string[]): string {
  return expected.join("\n");
}

describe("the drawing of a graph of steps", () => {
  it("keeps a chain on one level", () => {
    expect(drawn("a", "b < a", "c < b")).toBe(lines("a", "b", "c"));
  });

  it("branches off what runs side by side, and puts what waits for all of it below", () => {
    expect(
      drawn("collect", "measure < collect", "check < collect", "report < measure check", "notify < report"),
    ).toBe(lines("collect", "├─ measure", "├─ check", "report", "notify"));
  });

  it("branches from the start when several steps wait for nothing", () => {
    expect(drawn("a", "b", "c")).toBe(lines("├─ a", "├─ b", "└─ c"));
    expect(drawn("a", "b", "join < a b")).toBe(lines("├─ a", "├─ b", "join"));
  });

  it("keeps the chain of a branch beside its rail", () => {
    expect(drawn("a", "b < a", "b2 < b", "c < a", "c2 < c", "d < b2 c2")).toBe(
      lines("a", "├─ b", "│  b2", "├─ c", "│  c2", "d"),
    );
    expect(drawn("a", "b < a", "b2 < b", "c < a", "c2 < c")).toBe(
      lines("a", "├─ b", "│  b2", "└─ c", "   c2"),
    );
  });

  it("nests a fork in a branch", () => {
    expect(drawn("a", "b < a", "x < b", "y < b", "z < x y", "c < a", "end < z c")).toBe(
      lines("a", "├─ b", "│  ├─ x", "│  ├─ y", "│  z", "├─ c", "end"),
    );
  });

  it("branches off a join that does not wait for all its neighbours", () => {
    expect(drawn("a", "b < a", "c < a", "side < a", "d < b c")).toBe(
      lines("a", "├─ b", "├─ c", "├─ side", "└─ d"),
    );
  });

  it("sees through a dependency that another one implies", () => {
    expect(drawn("a", "b < a", "c < a b")).toBe(lines("a", "b", "c"));
    expect(drawn("a", "b < a", "c < a b", "d < a b c", "e < d a")).toBe(lines("a", "b", "c", "d", "e"));
  });

  it("takes the order from the dependencies, not from the list", () => {
    expect(drawn("c < b", "b < a", "a")).toBe(lines("a", "b", "c"));
  });

  it("draws every step once, those in a cycle too", () => {
    const drawing = drawn("a", "b < a c", "c < b", "d < c");
    expect(drawing.match(/[a-d]/g)?.sort()).toEqual(["a", "b", "c", "d"]);
  });

  it("draws long chains and wide forks", () => {
    const chain = Array.from({ length: 5_000 }, (_, n) => (n === 0 ? "s0" : `s${n} < s${n - 1}`));
    expect(drawn(...chain).split("\n")).toHaveLength(5_000);
    const fork = Array.from({ length: 5_000 }, (_, n) => `s${n} < first`);
    const rows = drawn("first", ...fork, `last < ${fork.map((_, n) => `s${n}`).join(" ")}`).split("\n");
    expect([rows[1], rows.at(-1)]).toEqual(["├─ s0", "last"]);
  });
});
