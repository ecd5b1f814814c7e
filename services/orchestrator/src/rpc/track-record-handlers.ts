import type {
  ListTrackRecordsRequest,
  OrchestratorService,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { Handlers } from "@weft/runtime/grpc";
import { listTrackRecords, type TrackRecordQuery } from "../app/track-records.ts";
import { openShard, type ShardPort } from "./open-shard.ts";
import { pageSizeOf, pageTokenOf, partsOfToken } from "./paging.ts";
import { badRequest } from "./rejection-codes.ts";

const agentIdsMax = 1_000;

/** How the agents have done, as far as this replica has seen. */
export function trackRecordHandlers(
  port: ShardPort,
  replica: string,
): Pick<Handlers<typeof OrchestratorService>, "listTrackRecords"> {
  return {
    listTrackRecords(request) {
      const query = queryOf(request);
      const page = listTrackRecords(openShard(port).engine.slots.fleet.snapshot(), query);
      const last = page.length < query.limit ? undefined : page.at(-1);
      return {
        trackRecords: page.map((record) => ({ ...record, replica })),
        nextPageToken: last ? pageTokenOf([last.agentId, last.capability]) : "",
      };
    },
  };
}

function queryOf({ agentIds, capability, pageSize, pageToken }: ListTrackRecordsRequest): TrackRecordQuery {
  if (agentIds.length > agentIdsMax)
    throw badRequest([
      { field: "agent_ids", message: `has ${agentIds.length}; the limit is ${agentIdsMax}` },
    ]);
  const after = partsOfToken(pageToken, 2);
  return {
    agentIds: agentIds.length === 0 ? undefined : new Set(agentIds),
    capability: capability || undefined,
    after: after && { agentId: String(after[0]), capability: String(after[1]) },
    limit: pageSizeOf(pageSize),
  };
}
