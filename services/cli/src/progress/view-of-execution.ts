import {
  type Execution,
  ExecutionStatus,
  type StepExecution,
  StepStatus,
} from "@weft/proto/weft/workflow/v1/execution_pb";
import { skipText } from "../render/event-text.ts";
import { failureText } from "../render/failure-text.ts";
import { msOf } from "../render/time.ts";
import type { ExecutionState, ExecutionView, StepState, StepView } from "./execution-view.ts";
import { type Dependencies, dependenciesOfStep } from "./open-view.ts";

/** The view that an execution's events would have led to, as far as its snapshot tells. */
export function viewOfExecution(execution: Execution, dependencies: Dependencies): ExecutionView {
  const { executionId, workflow, workflowVersion: version, steps, startTime, endTime } = execution;
  const startedMs = msOf(startTime);
  const endedMs = msOf(endTime);
  return {
    executionId,
    workflow,
    version,
    state: executionState(execution),
    ...(startedMs === undefined ? {} : { startedMs }),
    ...(endedMs === undefined ? {} : { endedMs }),
    steps: new Map(steps.map((step) => [step.stepId, stepView(step, dependencies)])),
  };
}

function executionState({ status, failure, pause }: Execution): ExecutionState {
  switch (status) {
    case ExecutionStatus.PAUSED:
      return { status: "paused", reason: pause?.reason ?? "" };
    case ExecutionStatus.SUCCEEDED:
      return { status: "succeeded" };
    case ExecutionStatus.FAILED:
      return { status: "failed", failure: failureText(failure) };
    case ExecutionStatus.CANCELLED:
      return { status: "cancelled", reason: failure?.message ?? "" };
    default:
      return { status: "running" };
  }
}

function stepView(step: StepExecution, dependencies: Dependencies): StepView {
  const { stepId: id, capability, attempt, startTime, succeededLate } = step;
  const startedMs = msOf(startTime);
  return {
    id,
    capability,
    ...dependenciesOfStep(id, dependencies),
    attempt,
    ...(startedMs === undefined ? {} : { startedMs }),
    ...(succeededLate ? { succeededLate } : {}),
    state: stepState(step),
  };
}

function stepState({
  status,
  agentId,
  startTime,
  endTime,
  failure,
  nextAttemptTime,
  skipCause,
}: StepExecution): StepState {
  const endedMs = msOf(endTime) ?? msOf(startTime) ?? 0;
  switch (status) {
    case StepStatus.RUNNING:
      return { status: "running", agentId };
    case StepStatus.RETRYING: {
      const dueMs = msOf(nextAttemptTime) ?? endedMs;
      return { status: "retrying", dueMs, ...(failure ? { failure: failureText(failure) } : {}) };
    }
    case StepStatus.WAITING:
      return { status: "waiting", agentId };
    case StepStatus.SUCCEEDED:
      return { status: "succeeded", endedMs, agentId };
    case StepStatus.FAILED:
      return { status: "failed", endedMs, failure: failureText(failure) };
    case StepStatus.SKIPPED:
      return { status: "skipped", cause: skipText(skipCause) };
    case StepStatus.CANCELLED:
      return { status: "cancelled", endedMs };
    default:
      return { status: "pending" };
  }
}
