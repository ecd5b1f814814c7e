import type { Execution } from "@weft/proto/weft/workflow/v1/execution_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { CallError } from "../call-error.ts";
import type { Context } from "../context.ts";
import type { ExecutionView, StepView } from "./execution-view.ts";

/** What each step waits for; undefined where nobody knows. */
export type Dependencies = ReadonlyMap<string, readonly string[]> | undefined;

/** A view of an execution before its first event: its steps, and how they hang together. */
export async function openView(
  executionId: string,
  { connection, namespace }: Context,
  known?: Dependencies,
): Promise<ExecutionView> {
  const { execution } = await connection
    .orchestrator()
    .call((client, options) =>
      client.getExecution({ namespace, executionId, payloads: PayloadForm.OMIT }, options),
    );
  const { workflow = "", workflowVersion = 0, steps = [] } = execution ?? {};
  const dependencies = known ?? (await plannedDependencies(execution, connection));
  return {
    executionId,
    workflow,
    version: workflowVersion,
    state: { status: "running" },
    steps: new Map(
      steps.map(({ stepId, capability }) => [stepId, pendingStep(stepId, capability, dependencies)]),
    ),
  };
}

function pendingStep(id: string, capability: string, dependencies: Dependencies): StepView {
  return {
    id,
    capability,
    ...dependenciesOfStep(id, dependencies),
    attempt: 0,
    state: { status: "pending" },
  };
}

/** The field of a step's view; exactOptionalPropertyTypes: what is not known must not be there. */
export function dependenciesOfStep(id: string, known: Dependencies): Pick<StepView, "dependencies"> {
  return known ? { dependencies: known.get(id) ?? [] } : {};
}

/** From the registered workflow. Inline definitions are not kept: then nothing is known. */
export async function plannedDependencies(
  execution: Execution | undefined,
  connection: Context["connection"],
): Promise<Dependencies> {
  const { namespace = "", workflow: name = "", workflowVersion: version = 0 } = execution ?? {};
  try {
    const { plan } = await connection
      .orchestrator()
      .call((client, options) =>
        client.planWorkflow(
          { namespace, workflow: { case: "reference", value: { name, version } } },
          options,
        ),
      );
    return dependenciesOf(plan?.steps ?? []);
  } catch (error) {
    if (error instanceof CallError) return undefined;
    throw error;
  }
}

type Planned = { readonly stepId: string; readonly dependencies: readonly string[] };

export function dependenciesOf(steps: readonly Planned[]): Dependencies {
  return new Map(steps.map(({ stepId, dependencies }) => [stepId, dependencies]));
}
