import { advance, type Transition } from "../core/advance.ts";
import type { Binding, RecordedEvent } from "../core/event.ts";
import { dueAtMs, type Execution, findStep } from "../core/execution.ts";
import { isRejection } from "../core/rejection.ts";
import type { Job } from "./dispatcher.ts";
import { stepKey } from "./step-breakers.ts";
import type { Waiter } from "./waiter.ts";

const nothing: Transition = { events: [], effects: [] };

/** Looks at a due step, with a slot for it or without; held back by its breaker, it has none. */
export function lookAt(
  execution: Execution,
  step: string,
  binding: Binding | undefined,
  nowMs: number,
  isHeld = false,
): Transition {
  const outcome = advance(execution, { kind: "step.due", step, binding, isHeld }, nowMs);
  return isRejection(outcome) ? nothing : outcome;
}

/** Whether the look has given the step its slot. */
export function isBound(events: readonly RecordedEvent[]): boolean {
  return events.some(({ event }) => event.kind === "step.started");
}

/** Whether the step still asks for a slot. */
export function isDue(execution: Execution, step: string): boolean {
  const run = findStep(execution, step)?.run;
  return run !== undefined && execution.state.status === "RUNNING" && dueAtMs(run) !== undefined;
}

export function capabilityOf(execution: Execution, step: string): string {
  return findStep(execution, step)!.step.capability;
}

/** The key of its breaker. */
export function stepKeyOf(execution: Execution, step: string): string {
  const { namespace } = execution.header!;
  return stepKey({ namespace, workflow: execution.workflow.definition.name, step });
}

export function waiterOf(execution: Execution, step: string): Waiter {
  const stepKey = stepKeyOf(execution, step);
  return { executionId: execution.id, step, capability: capabilityOf(execution, step), stepKey };
}

/** What its send needs. */
export function jobOf(execution: Execution, stepId: string): Job {
  const { step } = findStep(execution, stepId)!;
  return {
    executionId: execution.id,
    namespace: execution.header!.namespace,
    workflow: execution.workflow.definition.name,
    capability: step.capability,
    heartbeatTimeoutMs: step.heartbeatTimeoutMs,
    trace: execution.header!.trace,
  };
}
