import { dominatorsOf, inOrder } from "./dominators.ts";
import type { GraphStep } from "./graph-step.ts";
import { withoutImplied } from "./reduction.ts";

/** A step's place in the drawing: its rail is what stands before it, such as "│  ├─ ". */
export type TreeRow = { readonly id: string; readonly rail: string };

/**
 * Draws a graph of steps as a tree. What can run side by side branches off; what waits for all the branches
 * stands below them, on the level where they began; a chain stays on one level.
 *
 *     collect
 *     ├─ measure
 *     ├─ check
 *     report
 */
export function treeOf(steps: readonly GraphStep[]): readonly TreeRow[] {
  const ordered = withoutImplied(inOrder(steps));
  const dominators = dominatorsOf(ordered);
  const following = Map.groupBy(ordered, ({ id }) => dominators.get(id));
  const drawing: Drawing = {
    following,
    dependencies: new Map(ordered.map(({ id, dependencies }) => [id, dependencies])),
    rows: [],
  };
  drawFrom(drawing, undefined, { first: "", rest: "" });
  return drawing.rows;
}

/** The same, or the bare list when it is not known what the steps wait for. */
export function treeIfKnown(
  steps: readonly { readonly id: string; readonly dependencies?: readonly string[] }[],
): readonly TreeRow[] {
  const known = steps.flatMap(({ id, dependencies }) => (dependencies ? [{ id, dependencies }] : []));
  return known.length === steps.length ? treeOf(known) : steps.map(({ id }) => ({ id, rail: "" }));
}

type Drawing = {
  /** The steps that a step dominates, in order. */
  readonly following: ReadonlyMap<string | undefined, readonly GraphStep[]>;
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  readonly rows: TreeRow[];
};

/** What stands before the first row of a branch, and before those below it. */
type Rails = { readonly first: string; readonly rest: string };

/** Draws `start` (undefined: the workflow's own start, which has no row) and all that follows from it. */
function drawFrom(drawing: Drawing, start: string | undefined, rails: Rails): void {
  let rail = rails.first;
  let at = start;
  do {
    if (at !== undefined) {
      drawing.rows.push({ id: at, rail });
      rail = rails.rest;
    }
    const { branches, next } = split(drawing, at);
    for (const [index, branch] of branches.entries()) {
      const isLast = next === undefined && index === branches.length - 1;
      drawFrom(drawing, branch, {
        first: `${rail}${isLast ? "└─ " : "├─ "}`,
        rest: `${rail}${isLast ? "   " : "│  "}`,
      });
    }
    at = next;
  } while (at !== undefined);
}

/** `next` waits for every branch; it is absent when no step does. */
function split({ following, dependencies }: Drawing, at: string | undefined) {
  const ids = (following.get(at) ?? []).map(({ id }) => id);
  const last = ids.at(-1);
  const others = ids.slice(0, -1);
  if (last === undefined || !waitsForAll(dependencies, last, new Set(others)))
    return { branches: ids, next: undefined };
  return { branches: others, next: last };
}

function waitsForAll(
  dependencies: ReadonlyMap<string, readonly string[]>,
  id: string,
  others: Set<string>,
): boolean {
  const seen = new Set<string>();
  const toSee = [id];
  for (let at = toSee.pop(); at !== undefined && others.size > 0; at = toSee.pop())
    for (const dependency of dependencies.get(at) ?? []) {
      if (seen.has(dependency)) continue;
      seen.add(dependency);
      others.delete(dependency);
      toSee.push(dependency);
    }
  return others.size === 0;
}
