import { findCycles } from "./cycles.ts";

/** For each place, the places it leads to. */
type Edges = readonly (readonly number[])[];

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
export function plan(dependencies: Edges): Plan {
  const dependents = invert(dependencies, dependencies.length);
  const levels = levelsOf(dependencies, dependents);
  const batches = batch(levels);
  return {
    dependencies,
    dependents,
    batches,
    criticalPath: longestChain(dependencies, levels, batches),
    cycles: levels.includes(cyclic) ? findCycles(dependencies, dependents) : [],
  };
}

/** For each target the places whose edges lead there, ascending. */
function invert(edges: Edges, targets: number): Edges {
  const inverted = Array.from({ length: targets }, (): number[] => []);
  for (let from = 0; from < edges.length; from++) {
    for (const to of edges[from]!) inverted[to]!.push(from);
  }
  return inverted;
}

/** The level of a step that is in a cycle or behind one. */
const cyclic: number = -1;

/** For each step, how many are in the longest chain that leads to it. */
function levelsOf(dependencies: Edges, dependents: Edges): readonly number[] {
  const waitingFor = dependencies.map(({ length }) => length);
  const levels = waitingFor.map((count) => (count === 0 ? 0 : cyclic));
  const order: number[] = [];
  for (let step = 0; step < levels.length; step++) if (levels[step] === 0) order.push(step);
  for (const step of order) {
    for (const dependent of dependents[step]!) {
      // Level by level: the dependency that a step waits for last is one of its deepest.
      if (--waitingFor[dependent]! > 0) continue;
      levels[dependent] = levels[step]! + 1;
      order.push(dependent);
    }
  }
  return levels;
}

function batch(levels: readonly number[]): Edges {
  const highest = levels.reduce((high, level) => Math.max(high, level), cyclic);
  return invert(
    levels.map((level) => (level === cyclic ? [] : [level])),
    highest + 1,
  );
}

/** Back from the last batch: each step there waits for at least one of the batch before. */
function longestChain(dependencies: Edges, levels: readonly number[], batches: Edges): readonly number[] {
  const chain: number[] = [];
  let step = batches.at(-1)?.[0];
  while (step !== undefined) {
    chain.push(step);
    const before: number = levels[step]! - 1;
    step = dependencies[step]!.find((dependency) => levels[dependency] === before);
  }
  return chain.reverse();
}
