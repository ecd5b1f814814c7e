import { describe, expect, it } from "vitest";
import type { Join } from "./definition.ts";
import { outcomeOf, type StepState } from "./execution.ts";
import { countEnded, type DependencyCounts, joinIn, verdictOf } from "./join.ts";

/** `2 open, 1 succeeded` and so on. */
function counts(open: number, succeeded: number, failed: number): DependencyCounts {
  return { open, succeeded, failed };
}

function verdict(join: Join, of: DependencyCounts): string {
  const found = verdictOf(join, of);
  return found.kind === "skip" ? `skip, ${found.cause}` : found.kind;
}

describe("a join", () => {
  it.each<[string, DependencyCounts, string, string, string]>([
    ["nothing has ended", counts(2, 0, 0), "wait", "wait", "wait"],
    ["one has succeeded, one is open", counts(1, 1, 0), "wait", "start", "wait"],
    ["one has failed, one is open", counts(1, 0, 1), "skip, upstream", "wait", "wait"],
    ["one is absent, one is open", counts(1, 0, 0), "wait", "wait", "wait"],
    ["all have succeeded", counts(0, 2, 0), "start", "start", "start"],
    ["one has succeeded, one is absent", counts(0, 1, 0), "start", "start", "start"],
    ["one has succeeded, one has failed", counts(0, 1, 1), "skip, upstream", "start", "start"],
    ["one has failed, one is absent", counts(0, 0, 1), "skip, upstream", "skip, upstream", "start"],
    ["all have failed", counts(0, 0, 2), "skip, upstream", "skip, upstream", "start"],
    ["all are absent", counts(0, 0, 0), "skip, condition", "skip, upstream", "start"],
  ])("when %s", (_when, of, all, any, done) => {
    expect([verdict("all", of), verdict("any", of), verdict("done", of)]).toEqual([all, any, done]);
  });

  it("only orders the steps of a list", () => {
    expect(joinIn("sequential", "all")).toBe("done");
    expect(joinIn("dependency", "any")).toBe("any");
    expect(joinIn("parallel", "all")).toBe("all");
  });
});

describe("a dependency that has ended", () => {
  const failure = { code: "INTERNAL", message: "" } as const;

  it.each<[string, StepState, boolean, DependencyCounts]>([
    ["with success", { status: "SUCCEEDED", output: { text: "1" } }, false, counts(1, 1, 0)],
    ["with success, optional", { status: "SUCCEEDED", output: { text: "1" } }, true, counts(1, 1, 0)],
    ["by failing", { status: "FAILED", failure }, false, counts(1, 0, 1)],
    ["by failing, optional: absent", { status: "FAILED", failure }, true, counts(1, 0, 0)],
    ["skipped by its condition: absent", { status: "SKIPPED", cause: "condition" }, false, counts(1, 0, 0)],
    ["skipped upstream", { status: "SKIPPED", cause: "upstream" }, false, counts(1, 0, 1)],
    ["skipped upstream, optional", { status: "SKIPPED", cause: "upstream" }, true, counts(1, 0, 1)],
    ["cancelled", { status: "CANCELLED" }, false, counts(1, 0, 1)],
    ["cancelled, optional", { status: "CANCELLED" }, true, counts(1, 0, 1)],
  ])("%s", (_how, state, optional, expected) => {
    expect(countEnded(counts(2, 0, 0), outcomeOf(state, { optional }))).toEqual(expected);
  });
});
