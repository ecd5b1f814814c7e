type Edges = readonly (readonly number[])[];

/**
 * One cycle for each knot of steps that wait for one another: a shortest one through the knot's first
 * step. In a cycle each step waits for the one before it, and the first for the last.
 */
export function findCycles(dependencies: Edges, dependents: Edges): readonly (readonly number[])[] {
  return stronglyConnected(dependencies)
    .filter((knot) => knot.length > 1 || dependencies[knot[0]!]!.includes(knot[0]!))
    .map((knot) => shortestCycle(knot, dependents))
    .sort((a, b) => a[0]! - b[0]!);
}

/**
 * Breadth first along the dependents until a step leads back to the start. No way back leads outside the
 * knot: to stay within it keeps the whole search linear.
 */
function shortestCycle(knot: readonly number[], dependents: Edges): readonly number[] {
  const inKnot = new Set(knot);
  const start = knot.reduce((lowest, step) => Math.min(lowest, step));
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const step of queue) {
    for (const next of dependents[step]!) {
      if (next === start) return chainTo(step, start, cameFrom);
      if (!inKnot.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, step);
      queue.push(next);
    }
  }
  throw new Error("a strongly connected component has a cycle through each of its steps");
}

function chainTo(last: number, start: number, cameFrom: ReadonlyMap<number, number>): readonly number[] {
  const chain = [last];
  for (let step = last; step !== start; ) {
    step = cameFrom.get(step)!;
    chain.push(step);
  }
  return chain.reverse();
}

/**
 * Tarjan's strongly connected components ("Depth-first search and linear graph algorithms", 1972), on a
 * stack of our own: a chain of 10,000 steps would overflow the engine's.
 */
function stronglyConnected(edges: Edges): number[][] {
  const search: Search = {
    edges,
    order: edges.map(() => -1),
    low: edges.map(() => -1),
    open: [],
    isOpen: edges.map(() => false),
    components: [],
    visited: 0,
  };
  for (const root of edges.keys()) {
    if (search.order[root] === -1) visitFrom(search, root);
  }
  return search.components;
}

type Search = {
  readonly edges: Edges;
  /** When each node was first visited; -1 before. */
  readonly order: number[];
  /** The earliest open node that each node is known to reach. */
  readonly low: number[];
  /** Visited nodes that have no component yet. */
  readonly open: number[];
  readonly isOpen: boolean[];
  readonly components: number[][];
  visited: number;
};

function visitFrom(search: Search, root: number): void {
  const { edges, order, low, isOpen } = search;
  const path = [{ node: enter(search, root), nextEdge: 0 }];
  while (path.length > 0) {
    const visit = path.at(-1)!;
    const target = edges[visit.node]![visit.nextEdge++];
    if (target === undefined) {
      path.pop();
      const parent = path.at(-1)?.node;
      if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[visit.node]!);
      if (low[visit.node] === order[visit.node]) close(search, visit.node);
    } else if (order[target] === -1) path.push({ node: enter(search, target), nextEdge: 0 });
    else if (isOpen[target]) low[visit.node] = Math.min(low[visit.node]!, order[target]!);
  }
}

function enter(search: Search, node: number): number {
  search.order[node] = search.visited;
  search.low[node] = search.visited++;
  search.open.push(node);
  search.isOpen[node] = true;
  return node;
}

/** The node reaches nothing older: it and all that was opened after it are one component. */
function close({ open, isOpen, components }: Search, node: number): void {
  const component = open.splice(open.lastIndexOf(node));
  for (const member of component) isOpen[member] = false;
  components.push(component);
}
