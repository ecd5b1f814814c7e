import { blankExecution, blankStep, type Execution, type StepRun } from "./execution.ts";
import type { ExecutionLimits } from "./limits.ts";
import type { Workflow } from "./workflow.ts";

/** Of the form below. A snapshot of another version is passed over: the log itself tells the same. */
export const snapshotVersion = 1;

/** What an execution knows beside its workflow and its settings. */
type Memory = Omit<Execution, "id" | "workflow" | "limits" | "steps" | "active" | "running"> & {
  readonly steps: readonly StepRun[];
  readonly active: readonly number[];
};

/** The state as JSON text: what folding its log up to `sequence` gives. */
export function encodeSnapshot(execution: Execution): string {
  const { id: _id, workflow: _workflow, limits: _limits, active, running: _running, ...memory } = execution;
  return JSON.stringify({ ...memory, active: [...active] });
}

/** The execution as it was when the snapshot was taken. What JSON leaves out was undefined. */
export function decodeSnapshot(
  id: string,
  workflow: Workflow,
  limits: ExecutionLimits,
  text: string,
): Execution {
  const { steps, active, ...memory } = JSON.parse(text) as Memory;
  return {
    ...blankExecution(id, workflow, limits),
    ...memory,
    steps: steps.map((run) => ({ ...blankStep(0), ...run })),
    active: new Set(active),
    running: steps.filter(({ state }) => state.status === "RUNNING").length,
  };
}

/**
 * Whether another snapshot is worth its bytes, after so many events without one. A fold costs as much as the
 * workflow has steps in any case, so a large one is written down less often: the cost per event stays flat.
 */
export function isSnapshotDue({ workflow }: Execution, eventsSince: number, everyEvents: number): boolean {
  return eventsSince >= Math.max(everyEvents, workflow.definition.steps.length);
}
