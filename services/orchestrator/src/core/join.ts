import type { Join, Mode } from "./definition.ts";

/** How a step's dependencies have come out so far; those that are absent are in no count. */
export type DependencyCounts = {
  readonly open: number;
  readonly succeeded: number;
  readonly failed: number;
};

/** Why a step was skipped: its own condition, or that of all it waited for; or a step that it needed. */
export type SkipCause = "condition" | "upstream";

export type Verdict =
  | { readonly kind: "wait" }
  | { readonly kind: "start" }
  | { readonly kind: "skip"; readonly cause: SkipCause };

const wait: Verdict = { kind: "wait" };
const start: Verdict = { kind: "start" };
const skippedUpstream: Verdict = { kind: "skip", cause: "upstream" };
const skippedByCondition: Verdict = { kind: "skip", cause: "condition" };

/** What a join makes of its dependencies, which are at least one. */
export function verdictOf(join: Join, { open, succeeded, failed }: DependencyCounts): Verdict {
  switch (join) {
    case "all":
      if (failed > 0) return skippedUpstream;
      if (open > 0) return wait;
      return succeeded > 0 ? start : skippedByCondition;
    case "any":
      if (succeeded > 0) return start;
      return open > 0 ? wait : skippedUpstream;
    case "done":
      return open > 0 ? wait : start;
  }
}

/** In a list the edges only order: the next step starts when the one before has ended. */
export function joinIn(mode: Mode, join: Join): Join {
  return mode === "sequential" ? "done" : join;
}

/** What a dependency that has ended is to a join. */
export type Outcome = "succeeded" | "absent" | "failed";

/** The counts after one of the open dependencies has ended. */
export function countEnded(
  { open, succeeded, failed }: DependencyCounts,
  outcome: Outcome,
): DependencyCounts {
  return {
    open: open - 1,
    succeeded: outcome === "succeeded" ? succeeded + 1 : succeeded,
    failed: outcome === "failed" ? failed + 1 : failed,
  };
}
