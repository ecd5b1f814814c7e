import type { Event } from "./event.ts";
import { type Execution, findStep, isOpen, isSpent } from "./execution.ts";
import type { Failure } from "./failure.ts";
import { executionTooLargeFailure } from "./failures.ts";
import type { Fact } from "./input.ts";
import { bytesOf } from "./json.ts";
import { renderOutput } from "./scope.ts";

/** A step has failed for good. Unless the rest may go on, what runs is cancelled; `done` steps and their followers are not. */
export function failStep(execution: Execution, stepId: string, failure: Failure): readonly Event[] {
  const failed: Event = { kind: "step.failed", step: stepId, failure };
  const { workflow } = execution;
  const { index, step } = findStep(execution, stepId)!;
  const goesOn = step.optional || workflow.definition.onFailure === "continue" || execution.failure;
  if (goesOn) return [failed];
  return [failed, ...cancelActive(execution, (at) => at !== index && !workflow.survivesFailure[at])];
}

export function executionTimedOut(
  execution: Execution,
  { deadlineMs }: Fact & { kind: "execution.timed_out" },
): readonly Event[] {
  if (execution.state.status !== "RUNNING" || execution.deadlineMs !== deadlineMs) return [];
  const message = `the execution did not end within ${execution.workflow.definition.timeoutMs} ms`;
  return [
    { kind: "execution.timed_out" },
    ...cancelActive(execution),
    { kind: "execution.failed", failure: { code: "DEADLINE_EXCEEDED", message, reason: "TIMEOUT" } },
  ];
}

/** Steps that were never due have no event of their own: they end with the execution. */
export function cancelActive(
  execution: Execution,
  concerns: (index: number) => boolean = () => true,
): readonly Event[] {
  const { steps } = execution.workflow.definition;
  return [...execution.active]
    .filter(concerns)
    .map((index) => ({ kind: "step.cancelled", step: steps[index]!.id }));
}

export function executionFinished(execution: Execution): readonly Event[] {
  if (!isOpen(execution) || !isSpent(execution)) return [];
  if (execution.failure) return [{ kind: "execution.failed", failure: execution.failure }];
  const rendered = renderOutput(execution);
  if (!rendered.ok) return [{ kind: "execution.failed", failure: rendered.failure }];
  const { executionBytesMax } = execution.limits;
  if (execution.payloadBytes + bytesOf(rendered.json) > executionBytesMax)
    return [{ kind: "execution.failed", failure: executionTooLargeFailure(executionBytesMax, "its result") }];
  return [{ kind: "execution.succeeded", payload: rendered.json }];
}
