import { CircuitBreakerState, type TrackRecord } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { CallError } from "./call-error.ts";
import { CommandError } from "./command-error.ts";
import type { Orchestrator } from "./connection.ts";
import type { Context } from "./context.ts";
import { reportOf } from "./render/error-lines.ts";
import { lineOf } from "./render/line.ts";
import { writeLines } from "./terminal/screen.ts";

/** What an orchestrator has seen of one agent. */
export type AgentSeen = {
  /** One for each capability that it offers. */
  readonly records: readonly TrackRecord[];
  /** Capabilities of which it gets no work, or a probe alone. */
  readonly failing: readonly string[];
};

/** By the agent's id. */
export type AgentsSeen = (agentId: string) => AgentSeen;

const pageSize = 1_000;
/** The agents are the registry's: what the orchestrator adds is not waited for as long as they are. */
const timeoutMs = 3_000;
const notClosed = [CircuitBreakerState.OPEN, CircuitBreakerState.HALF_OPEN];

/** Undefined when the orchestrator does not tell; standard error says so then. */
export async function agentsSeen(
  agentIds: readonly string[],
  { connection, err }: Context,
): Promise<AgentsSeen | undefined> {
  try {
    const orchestrator = connection.orchestrator();
    const [records, failing] = await Promise.all([
      recordsOf(agentIds, orchestrator),
      failingOf(orchestrator),
    ]);
    return (agentId) => ({ records: records.get(agentId) ?? [], failing: failing.get(agentId) ?? [] });
  } catch (error) {
    if (!(error instanceof CallError || error instanceof CommandError)) throw error;
    writeLines(err, [lineOf(`without speeds and breakers: ${reportOf(error).message}`, "yellow")]);
    return undefined;
  }
}

async function recordsOf(
  agentIds: readonly string[],
  { call }: Orchestrator,
): Promise<ReadonlyMap<string, TrackRecord[]>> {
  const records: TrackRecord[] = [];
  let pageToken = "";
  let isMore = agentIds.length > 0;
  while (isMore) {
    const request = { agentIds: [...agentIds], pageSize, pageToken };
    const page = await call((client) => client.listTrackRecords(request, { timeoutMs }));
    records.push(...page.trackRecords);
    pageToken = page.nextPageToken;
    isMore = pageToken !== "";
  }
  return Map.groupBy(records, ({ agentId }) => agentId);
}

async function failingOf({ call }: Orchestrator): Promise<ReadonlyMap<string, readonly string[]>> {
  const request = { states: notClosed, pageSize };
  const { breakers } = await call((client) => client.listCircuitBreakers(request, { timeoutMs }));
  const failing = new Map<string, string[]>();
  for (const { watched } of breakers) {
    if (watched.case !== "agent") continue;
    const { agentId, capability } = watched.value;
    failing.set(agentId, [...(failing.get(agentId) ?? []), capability]);
  }
  return failing;
}

/**
 * How many times longer than the fleet it takes, over all its capabilities: the mean of the factors, each as heavy
 * as its samples. Undefined while nothing is known.
 */
export function slowdownOf(records: readonly TrackRecord[]): number | undefined {
  const samples = records.reduce((sum, record) => sum + record.samples, 0);
  const logs = records.reduce((sum, record) => sum + record.samples * Math.log(record.slowdown), 0);
  return samples < 1 ? undefined : Math.exp(logs / samples);
}
