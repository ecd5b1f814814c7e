import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { type Implementation, implement } from "@weft/runtime/grpc";
import type { Workflows } from "../app/workflows.ts";
import { type ExecutionPorts, executionHandlers } from "./execution-handlers.ts";
import { workflowHandlers } from "./workflow-handlers.ts";

/** The service that backends call, over the app's verbs. */
export function orchestratorService(
  ports: ExecutionPorts & { readonly workflows: Workflows },
): Implementation {
  return implement(OrchestratorService, {
    ...workflowHandlers(ports.workflows),
    ...executionHandlers(ports),
  });
}
