import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { type Implementation, implement } from "@weft/runtime/grpc";
import { breakerHandlers } from "./breaker-handlers.ts";
import { executionHandlers } from "./execution-handlers.ts";
import { logHandlers } from "./log-handlers.ts";
import { errorOfLargeAnswer } from "./message-too-large.ts";
import { errorOfLostStore, type ShardPort } from "./open-shard.ts";
import { requestHandlers } from "./request-handlers.ts";
import { trackRecordHandlers } from "./track-record-handlers.ts";
import { workflowHandlers } from "./workflow-handlers.ts";

/** The service that backends call, over the app's verbs; `replica` is which orchestrator this is. */
export function orchestratorService(port: ShardPort, replica: string): Implementation {
  const handlers = {
    ...workflowHandlers(port),
    ...executionHandlers(port),
    ...requestHandlers(port),
    ...breakerHandlers(port, replica),
    ...logHandlers(port),
    ...trackRecordHandlers(port, replica),
  };
  return implement(
    OrchestratorService,
    handlers,
    (error) => errorOfLargeAnswer(error) ?? errorOfLostStore(error),
  );
}
