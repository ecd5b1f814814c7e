import type { GraphStep } from "./graph-step.ts";

/** The steps, in an order in which each stands behind all that it waits for. Those in cycles come last. */
export function inOrder(steps: readonly GraphStep[]): readonly GraphStep[] {
  const dependents = new Map<string, GraphStep[]>(steps.map(({ id }) => [id, []]));
  const waitingFor = new Map<string, number>();
  for (const step of steps) {
    const awaited = step.dependencies.filter((id) => dependents.has(id));
    waitingFor.set(step.id, awaited.length);
    for (const id of awaited) dependents.get(id)!.push(step);
  }
  const ordered = steps.filter(({ id }) => waitingFor.get(id) === 0);
  // Grows while it is walked: Kahn's algorithm, batch after batch.
  for (const { id } of ordered)
    for (const dependent of dependents.get(id)!) {
      const left = waitingFor.get(dependent.id)! - 1;
      waitingFor.set(dependent.id, left);
      if (left === 0) ordered.push(dependent);
    }
  const placed = new Set(ordered);
  return [...ordered, ...steps.filter((step) => !placed.has(step))];
}

/**
 * For each step the nearest one that every way to it passes through; undefined where that is the start itself.
 * `ordered` is what `inOrder` gives. Dependencies that stand behind a step (in a cycle) are left out.
 */
export function dominatorsOf(ordered: readonly GraphStep[]): ReadonlyMap<string, string | undefined> {
  const dominators = new Map<string, string | undefined>();
  const depths = new Map<string | undefined, number>([[undefined, 0]]);
  const meet = (a: string | undefined, b: string | undefined): string | undefined => {
    let [left, right] = [a, b];
    while (left !== right) {
      if (depths.get(left)! >= depths.get(right)!) left = dominators.get(left!);
      else right = dominators.get(right!);
    }
    return left;
  };
  for (const { id, dependencies } of ordered) {
    const [first, ...others] = dependencies.filter((dependency) => depths.has(dependency));
    const dominator = others.reduce<string | undefined>(meet, first);
    dominators.set(id, dominator);
    depths.set(id, depths.get(dominator)! + 1);
  }
  return dominators;
}
