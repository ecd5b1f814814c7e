import { findCycles } from "./cycles.ts";

/** What a definition will do. Numbers are places in `definition.steps`. */
export type Plan = {
  /** What each step waits for, ascending. */
  readonly dependencies: readonly (readonly number[])[];
  /** What waits for each step, ascending. */
  readonly dependents: readonly (readonly number[])[];
  /** Steps that can run at the same time, in order. Without those in a cycle or behind one. */
  readonly batches: readonly (readonly number[])[];
  /** A longest chain of dependencies, first to last. */
  readonly criticalPath: readonly number[];
  /** Each step waits for the one before it, and the first for the last. */
  readonly cycles: readonly (readonly number[])[];
};

/** Plans by Kahn's algorithm. `dependencies` holds, for each step, distinct places in ascending order. */
export function plan(dependencies: readonly (readonly number[])[]): Plan {
  const dependents = invert(dependencies);
  const batches = batch(dependencies, dependents);
  const planned = batches.reduce((sum, { length }) => sum + length, 0);
  return {
    dependencies,
    dependents,
    batches,
    criticalPath: longestChain(dependencies, batches),
    cycles: planned === dependencies.length ? [] : findCycles(dependencies, dependents),
  };
}

function invert(edges: readonly (readonly number[])[]): number[][] {
  const inverted: number[][] = edges.map(() => []);
  for (const [from, targets] of edges.entries()) {
    for (const to of targets) inverted[to]!.push(from);
  }
  return inverted;
}

function batch(
  dependencies: readonly (readonly number[])[],
  dependents: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const waitingFor = dependencies.map(({ length }) => length);
  const order = [...waitingFor.keys()].filter((step) => waitingFor[step] === 0);
  const batches: number[][] = [];
  for (let start = 0; start < order.length; ) {
    const steps = order.slice(start);
    start = order.length;
    for (const step of steps) {
      for (const dependent of dependents[step]!) {
        if (--waitingFor[dependent]! === 0) order.push(dependent);
      }
    }
    batches.push(steps.sort((a, b) => a - b));
  }
  return batches;
}

/** Back from the last batch: each step there waits for at least one of the batch before. */
function longestChain(
  dependencies: readonly (readonly number[])[],
  batches: readonly (readonly number[])[],
): readonly number[] {
  const batchOf = dependencies.map(() => -1);
  for (const [index, steps] of batches.entries()) for (const step of steps) batchOf[step] = index;
  const chain: number[] = [];
  let step = batches.at(-1)?.[0];
  while (step !== undefined) {
    chain.push(step);
    const before: number = batchOf[step]! - 1;
    step = dependencies[step]!.find((dependency) => batchOf[dependency] === before);
  }
  return chain.reverse();
}
