import type { Execution } from "../core/execution.ts";
import { traceIdOf } from "../core/trace-context.ts";

/** What every line of the log about an execution says of it, and of the step that it is about. */
export type ExecutionFields = {
  readonly executionId: string;
  readonly namespace?: string;
  readonly workflow?: string;
  readonly stepId?: string;
  readonly traceId?: string;
};

export function logFieldsOf({ id, workflow, header }: Execution, stepId?: string): ExecutionFields {
  return {
    executionId: id,
    ...(header ? { namespace: header.namespace } : {}),
    workflow: workflow.definition.name,
    ...(stepId === undefined ? {} : { stepId }),
    ...(header?.trace ? { traceId: traceIdOf(header.trace) } : {}),
  };
}
