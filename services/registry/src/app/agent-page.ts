import type { LiveAgent } from "../core/agent.ts";
import { type AgentFilter, matches } from "../core/agent-filter.ts";

export type PageRequest = {
  readonly filter: AgentFilter;
  /** Only agents with a greater id. */
  readonly after: string;
  readonly size: number;
};

export type AgentPage = {
  readonly agents: readonly LiveAgent[];
  /** Where the next page begins; undefined: this was the last. */
  readonly next: string | undefined;
};

/** One page of agents in order of their ids, `sortedIds`. */
export function agentPage(
  agents: ReadonlyMap<string, LiveAgent>,
  sortedIds: readonly string[],
  { filter, after, size }: PageRequest,
): AgentPage {
  const page: LiveAgent[] = [];
  for (let place = firstAfter(sortedIds, after); place < sortedIds.length; place++) {
    const agent = agents.get(sortedIds[place] as string);
    if (!agent || !matches(filter, agent)) continue;
    if (page.length === size) return { agents: page, next: page.at(-1)?.registration.agentId };
    page.push(agent);
  }
  return { agents: page, next: undefined };
}

/** The place of the first id greater than `after`. */
function firstAfter(sortedIds: readonly string[], after: string): number {
  let low = 0;
  let high = sortedIds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sortedIds[middle] as string) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
