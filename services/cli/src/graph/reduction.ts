import type { GraphStep } from "./graph-step.ts";

/** Beyond it the work, quadratic at worst, is not worth a tidier drawing. */
const reducedStepsMax = 2_000;

/**
 * Leaves out the dependencies that others imply: of a → b → c and a → c, the second says nothing new.
 * `ordered` is what `inOrder` gives.
 */
export function withoutImplied(ordered: readonly GraphStep[]): readonly GraphStep[] {
  if (ordered.length > reducedStepsMax) return ordered;
  const places = new Map(ordered.map(({ id }, place) => [id, place]));
  const reduced = new Map<string, GraphStep>();
  for (const { id, dependencies } of ordered) {
    const implied = dependencies.length < 2 ? new Set() : impliedBy(dependencies, places, reduced);
    reduced.set(id, { id, dependencies: dependencies.filter((dependency) => !implied.has(dependency)) });
  }
  return [...reduced.values()];
}

/** All steps above these, no higher than the highest of them. */
function impliedBy(
  dependencies: readonly string[],
  places: ReadonlyMap<string, number>,
  above: ReadonlyMap<string, GraphStep>,
): ReadonlySet<string> {
  const highest = Math.min(...dependencies.map((id) => places.get(id) ?? 0));
  const seen = new Set<string>();
  const toSee = [...dependencies];
  for (let at = toSee.pop(); at !== undefined; at = toSee.pop())
    for (const id of above.get(at)?.dependencies ?? []) {
      if (seen.has(id) || (places.get(id) ?? 0) < highest) continue;
      seen.add(id);
      toSee.push(id);
    }
  return seen;
}
