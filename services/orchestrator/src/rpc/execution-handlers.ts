import { create } from "@bufbuild/protobuf";
import {
  type AwaitExecutionRequest,
  type ListEventsRequest,
  type ListExecutionsRequest,
  type OrchestratorService,
  type StartExecutionRequest,
  type StartExecutionsRequest,
  StartExecutionsResultSchema,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { type Handlers, RpcError, toStatus } from "@weft/runtime/grpc";
import type { Queries } from "../app/queries.ts";
import type { Shard } from "../app/shard.ts";
import type { Starts } from "../app/starts.ts";
import type { ExecutionQuery } from "../app/store.ts";
import type { Execution } from "../core/execution.ts";
import type { Rejection } from "../core/rejection.ts";
import { bytesBound, pagesOf } from "./event-pages.ts";
import { eventMessage } from "./events.ts";
import { executionMessage, statusNames, summaryMessage } from "./executions.ts";
import { namespaceOf } from "./namespaces.ts";
import { openShard, type ShardPort } from "./open-shard.ts";
import { pageSizeOf, pageTokenOf, partsOfToken } from "./paging.ts";
import { accepted, badRequest, rpcErrorOf } from "./rejection-codes.ts";
import { type Caller, callerOf, startOf } from "./start-requests.ts";
import { msOfDuration, msOfTimestamp } from "./time.ts";
import { watchExecution, watchExecutions } from "./watches.ts";

type ExecutionMethods =
  | "startExecution"
  | "startExecutions"
  | "getExecution"
  | "awaitExecution"
  | "listExecutions"
  | "listEvents"
  | "watchExecution"
  | "watchExecutions";

const startsMax = 1_000;
const waitMsDefault = 30_000;
const waitMsMax = 3_600_000;

/** What backends start and look at. */
export function executionHandlers(
  port: ShardPort,
): Pick<Handlers<typeof OrchestratorService>, ExecutionMethods> {
  return {
    startExecution: (request, context) => start(openShard(port).starts, request, callerOf(context)),
    async startExecutions(request, context) {
      const { starts } = openShard(port);
      const caller = callerOf(context);
      const one = (each: StartExecutionRequest) => startResult(starts, each, caller);
      return { results: await Promise.all(batchOf(request).map(one)) };
    },
    async getExecution(request) {
      const { queries } = openShard(port);
      return show(queries, await queries.get(namespaceOf(request), request.executionId), request.payloads);
    },
    awaitExecution: (request, { onClose }) => awaitEnd(openShard(port).queries, request, onClose),
    listExecutions: (request) => list(openShard(port).queries, request),
    listEvents: (request) => eventsPage(openShard(port), request),
    async watchExecution(request, stream) {
      const { queries, store, hub, number: shard } = openShard(port);
      const namespace = namespaceOf(request);
      const refused = await queries.mustExist(namespace, request.executionId);
      if (refused) throw rpcErrorOf(refused);
      watchExecution({ store, hub }, shard, { ...request, namespace }, stream);
    },
    watchExecutions(request, stream) {
      const { hub, number: shard } = openShard(port);
      watchExecutions(hub, shard, { ...request, namespace: namespaceOf(request) }, stream);
    },
  };
}

async function start(starts: Starts, request: StartExecutionRequest, caller: Caller) {
  const { executionId, version } = accepted(await starts.start(startOf(request, caller)));
  return { executionId, workflowVersion: version };
}

async function awaitEnd(
  queries: Queries,
  request: AwaitExecutionRequest,
  onClose: (run: () => void) => void,
) {
  const waitMs = msOfDuration(request.wait) ?? waitMsDefault;
  if (!(waitMs >= 0 && waitMs <= waitMsMax))
    throw badRequest([{ field: "wait", message: "must be 0 to 1 hour" }]);
  const found = await queries.await(namespaceOf(request), request.executionId, waitMs, onClose);
  return show(queries, found, request.payloads);
}

function show(queries: Queries, found: Execution | Rejection, form: PayloadForm) {
  const execution = accepted(found);
  return { execution: executionMessage(execution, queries.quarantineOf(execution.id), form) };
}

async function list(queries: Queries, request: ListExecutionsRequest) {
  const query = queryOf(request);
  const rows = await queries.list(query);
  const last = rows.length < query.limit ? undefined : rows.at(-1);
  return {
    executions: rows.map(summaryMessage),
    nextPageToken: last ? pageTokenOf([last.startedAtMs, last.executionId]) : "",
  };
}

async function eventsPage({ queries, number: shard }: Shard, request: ListEventsRequest) {
  const { executionId, payloads } = request;
  const limit = pageSizeOf(request.pageSize);
  const found = accepted(
    await queries.events(namespaceOf(request), executionId, Number(request.afterSequence), limit),
  );
  const messages = found.map((event) => eventMessage(executionId, shard, event, payloads));
  const [events = []] = pagesOf(messages, bytesBound(found, payloads));
  return { events, more: events.length < found.length || found.length === limit };
}

function batchOf(request: StartExecutionsRequest): readonly StartExecutionRequest[] {
  const { requests } = request;
  if (requests.length > startsMax)
    throw badRequest([{ field: "requests", message: `has ${requests.length}; the limit is ${startsMax}` }]);
  const namespace = namespaceOf(request);
  const strangers = requests.flatMap((one, index) =>
    one.namespace === "" || one.namespace === namespace
      ? []
      : [{ field: `requests[${index}].namespace`, message: `must be empty or ${namespace}` }],
  );
  if (strangers.length > 0) throw badRequest(strangers);
  return requests.map((one) => ({ ...one, namespace }));
}

async function startResult(starts: Starts, request: StartExecutionRequest, caller: Caller) {
  try {
    const value = await start(starts, request, caller);
    return create(StartExecutionsResultSchema, { result: { case: "started", value } });
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return create(StartExecutionsResultSchema, { result: { case: "error", value: toStatus(error) } });
  }
}

function queryOf(request: ListExecutionsRequest): ExecutionQuery {
  const { filter } = request;
  const statuses = statusNames(filter?.statuses ?? []);
  const startedAfterMs = msOfTimestamp(filter?.startedAfter);
  const startedBeforeMs = msOfTimestamp(filter?.startedBefore);
  const after = partsOfToken(request.pageToken, 2);
  return {
    namespace: namespaceOf(request),
    limit: pageSizeOf(request.pageSize),
    ...(filter?.workflow ? { workflow: filter.workflow } : {}),
    ...(statuses.length > 0 ? { statuses } : {}),
    ...(filter && Object.keys(filter.labels).length > 0 ? { labels: filter.labels } : {}),
    ...(startedAfterMs === undefined ? {} : { startedAfterMs }),
    ...(startedBeforeMs === undefined ? {} : { startedBeforeMs }),
    ...(after ? { after: { startedAtMs: Number(after[0]), executionId: String(after[1]) } } : {}),
  };
}
