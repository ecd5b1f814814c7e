import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type {
  OrchestratorService,
  PlanWorkflowRequest,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { Handlers } from "@weft/runtime/grpc";
import { definitionRejected } from "../app/definition-source.ts";
import { type Workflows, workflowNotFound } from "../app/workflows.ts";
import type { Definition } from "../core/definition.ts";
import type { Plan } from "../core/plan.ts";
import { definitionMessage, planMessage, problemMessage, sourceOf } from "./definitions.ts";
import { namespaceOf } from "./namespaces.ts";
import { openShard, type ShardPort } from "./open-shard.ts";
import { pageSizeOf, pageTokenOf, partsOfToken } from "./paging.ts";
import { accepted, badRequest, rpcErrorOf } from "./rejection-codes.ts";

type WorkflowMethods =
  | "registerWorkflow"
  | "getWorkflow"
  | "listWorkflows"
  | "validateWorkflow"
  | "planWorkflow";

/** What backends do with definitions. */
export function workflowHandlers(
  port: ShardPort,
): Pick<Handlers<typeof OrchestratorService>, WorkflowMethods> {
  const workflows = (): Workflows => openShard(port).workflows;
  return {
    async registerWorkflow(request, { principal }) {
      const source = sourceOf(request.source);
      const { name, version, created, warnings } = accepted(
        await workflows().register(namespaceOf(request), source, principal.name),
      );
      return { name, version, created, warnings: warnings.map(problemMessage) };
    },
    async getWorkflow(request) {
      const reference = referenceOf(namespaceOf(request), request);
      const found = await workflows().find(reference);
      if (!found) throw rpcErrorOf(workflowNotFound(reference));
      const { row, workflow } = found;
      const definition = definitionMessage(workflow.definition);
      return { definition, createTime: timestampFromMs(row.createdAtMs), createdBy: row.createdBy };
    },
    async listWorkflows(request) {
      const pageSize = pageSizeOf(request.pageSize);
      const [afterName] = partsOfToken(request.pageToken, 1) ?? [""];
      const rows = await workflows().list(namespaceOf(request), String(afterName), pageSize);
      return {
        workflows: rows.map(({ name, version, createdAtMs, createdBy }) => ({
          name,
          latestVersion: version,
          createTime: timestampFromMs(createdAtMs),
          createdBy,
        })),
        nextPageToken: rows.length < pageSize ? "" : pageTokenOf([rows.at(-1)!.name]),
      };
    },
    async validateWorkflow(request) {
      const { problems, warnings } = accepted(await workflows().check(sourceOf(request.source)));
      return {
        valid: problems.length === 0,
        problems: problems.map(problemMessage),
        warnings: warnings.map(problemMessage),
      };
    },
    async planWorkflow(request) {
      const { definition, plan } = await toPlan(workflows(), request);
      return { plan: planMessage(definition, plan) };
    },
  };
}

function referenceOf(
  namespace: string,
  { name, version }: { readonly name: string; readonly version: number },
) {
  return { namespace, name, ...(version === 0 ? {} : { version }) };
}

/** Cycles are part of a plan; any other problem refuses it. */
async function toPlan(
  workflows: Workflows,
  request: PlanWorkflowRequest,
): Promise<{ definition: Definition; plan: Plan }> {
  if (request.workflow.case === "reference") {
    const reference = referenceOf(namespaceOf(request), request.workflow.value);
    const found = await workflows.find(reference);
    if (!found) throw rpcErrorOf(workflowNotFound(reference));
    return found.workflow;
  }
  if (request.workflow.case !== "source")
    throw badRequest([{ field: "workflow", message: "must be a reference or a source" }]);
  const { problems, planned } = accepted(await workflows.check(sourceOf(request.workflow.value)));
  if (!planned) throw rpcErrorOf(definitionRejected(problems));
  return planned;
}
