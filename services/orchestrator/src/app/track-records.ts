import type { AgentSnapshot } from "@weft/balancer";

/** What this orchestrator has seen of an agent in one of its capabilities. */
export type TrackRecord = {
  readonly agentId: string;
  readonly capability: string;
  /** How many times longer than the fleet it takes for the same steps; 1: as long, or not known. */
  readonly slowdown: number;
  /** Successes that this rests on; old ones count for less. */
  readonly samples: number;
  /** Of its calls, by its own fault. */
  readonly errorRate: number;
  readonly inFlight: number;
};

/** A record's place in the list. */
export type TrackRecordKey = Pick<TrackRecord, "agentId" | "capability">;

export type TrackRecordQuery = {
  /** Undefined: any. */
  readonly agentIds: ReadonlySet<string> | undefined;
  /** Undefined: any. */
  readonly capability: string | undefined;
  /** The last of the page before; undefined: from the beginning. */
  readonly after: TrackRecordKey | undefined;
  readonly limit: number;
};

/** A page of the records, by agent and then capability. */
export function listTrackRecords(
  agents: readonly AgentSnapshot[],
  { agentIds, capability, after, limit }: TrackRecordQuery,
): readonly TrackRecord[] {
  return agents
    .filter(({ id }) => (agentIds?.has(id) ?? true) && (after === undefined || id >= after.agentId))
    .flatMap(recordsOf)
    .filter((record) => capability === undefined || record.capability === capability)
    .filter((record) => after === undefined || byKey(record, after) > 0)
    .sort(byKey)
    .slice(0, limit);
}

function recordsOf({ id, capabilities }: AgentSnapshot): readonly TrackRecord[] {
  return capabilities.map(({ name, running, slowdown, samples, errorRate }) => ({
    agentId: id,
    capability: name,
    slowdown,
    samples,
    errorRate,
    inFlight: running,
  }));
}

function byKey(a: TrackRecordKey, b: TrackRecordKey): number {
  return compare(a.agentId, b.agentId) || compare(a.capability, b.capability);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
