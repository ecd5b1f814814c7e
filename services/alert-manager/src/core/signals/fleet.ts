import { formatDuration } from "../duration.ts";
import { type Finding, labelsOf, type Moment } from "../finding.ts";
import { examplesMax } from "../limits.ts";
import type { Memory } from "../memory.ts";
import type { Signal } from "../rule.ts";
import { namesOf } from "../subject-key.ts";

type SignalOf<Kind extends Signal["kind"]> = Extract<Signal, { readonly kind: Kind }>;

export function openBreakers({ breakers }: Memory, { of }: SignalOf<"breaker_open">): readonly Finding[] {
  return [...breakers.values()]
    .filter((breaker) => of === "any" || breaker.of === of)
    .map(({ labels, state, sinceMs }) => ({
      labels,
      annotations: { state: state.toLowerCase(), since: new Date(sinceMs).toISOString() },
    }));
}

/** One that does not come back is told for a while, and then is no news any more. */
export function lostAgents(
  { agents }: Memory,
  { withinMs }: SignalOf<"agent_lost">,
  { nowMs }: Moment,
): readonly Finding[] {
  return [...agents.entries()].flatMap(([agentId, { name, state, reason, capabilities, zone, lostAtMs }]) => {
    if (lostAtMs === undefined || lostAtMs <= nowMs - withinMs) return [];
    const annotations = { state, reason, capabilities: capabilities.slice(0, examplesMax).join(", "), zone };
    return [{ labels: labelsOf(["agent", "name"], [agentId, name]), annotations }];
  });
}

export function flappingAgents(
  { agents }: Memory,
  { changes, withinMs }: SignalOf<"agent_flapping">,
  { nowMs }: Moment,
): readonly Finding[] {
  return [...agents.entries()].flatMap(([agentId, { name, state, changedAtMs }]) => {
    const lately = changedAtMs.filter((atMs) => atMs > nowMs - withinMs).length;
    if (lately < changes) return [];
    const annotations = { changes: String(lately), state };
    return [{ labels: labelsOf(["agent", "name"], [agentId, name]), annotations }];
  });
}

export function laggingOutboxes(
  { outbox }: Memory,
  { overMs, overEvents }: SignalOf<"outbox_lag">,
): readonly Finding[] {
  return [...outbox.entries()]
    .filter(([, { lagMs, lagEvents }]) => lagMs >= overMs || lagEvents >= overEvents)
    .map(([shard, { lagMs, lagEvents }]) => ({
      labels: { shard },
      annotations: { lag: formatDuration(lagMs), events: String(lagEvents) },
    }));
}

export function unreachableDependencies({ dependencies }: Memory): readonly Finding[] {
  return [...dependencies.entries()]
    .filter(([, { reachable }]) => !reachable)
    .map(([dependency, { reason, sinceMs }]) => ({
      labels: { dependency },
      annotations: { reason, since: new Date(sinceMs).toISOString() },
    }));
}

export function quarantinedExecutions(
  { recent }: Memory,
  { withinMs }: SignalOf<"execution_quarantined">,
  { nowMs }: Moment,
): readonly Finding[] {
  return [...recent.entries()].flatMap(([key, { mishaps }]) => {
    const [kind, namespace = "", workflow = ""] = namesOf(key);
    const lately = mishaps.filter(({ atMs }) => atMs > nowMs - withinMs);
    const last = lately.at(-1);
    if (kind !== "quarantined" || last === undefined) return [];
    const examples = lately.slice(-examplesMax).map(({ id }) => id);
    const annotations = { count: String(lately.length), examples: examples.join(", "), reason: last.reason };
    return [{ labels: labelsOf(["namespace", "workflow"], [namespace, workflow]), annotations }];
  });
}
