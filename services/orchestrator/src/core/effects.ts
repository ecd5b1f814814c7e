import type { Effect } from "./effect.ts";
import type { Execution, StepRun, StepState } from "./execution.ts";

const none: readonly Effect[] = [];

/**
 * Everything that must be in flight now, from state alone: what recovery asks for. What `evolve` has
 * yielded and is not settled says the same. Cancels are left out: an ended step has nothing in flight.
 */
export function effects(execution: Execution): readonly Effect[] {
  return [
    ...executionTimer(execution),
    ...[...execution.active].flatMap((index) => stepEffects(execution, index)),
  ];
}

function executionTimer({ state, deadlineMs }: Execution): readonly Effect[] {
  if (state.status !== "RUNNING" || deadlineMs === undefined) return none;
  return [{ kind: "timer", dueAtMs: deadlineMs, fact: { kind: "execution.timed_out", deadlineMs } }];
}

/** What a step must have in flight. While its execution is paused that is what an agent holds, without a deadline. */
export function stepEffects(execution: Execution, index: number): readonly Effect[] {
  const run = execution.steps[index]!;
  const { state } = run;
  switch (state.status) {
    case "PENDING":
      return state.isDue ? slotEffects(execution, index, state.dueAtMs) : none;
    case "RETRYING":
      return slotEffects(execution, index, state.dueAtMs);
    case "RUNNING":
      return [sendEffect(execution, index, run, state)];
    case "WAITING":
      return completionTimer(execution, index, run, state.deadlineMs);
    default:
      return none;
  }
}

function slotEffects(execution: Execution, index: number, dueAtMs: number): readonly Effect[] {
  if (execution.state.status !== "RUNNING") return none;
  return [{ kind: "due", step: stepIdAt(execution, index), dueAtMs }, ...queueTimer(execution, index)];
}

/** Runs while the step waits for an agent that takes it. */
export function queueTimer(execution: Execution, index: number): readonly Effect[] {
  const { queueDeadlineMs: deadlineMs } = execution.steps[index]!;
  if (execution.state.status !== "RUNNING" || deadlineMs === undefined) return none;
  const step = stepIdAt(execution, index);
  return [{ kind: "timer", dueAtMs: deadlineMs, fact: { kind: "step.queue_timed_out", step, deadlineMs } }];
}

type Running = Extract<StepState, { readonly status: "RUNNING" }>;

function sendEffect(execution: Execution, index: number, run: StepRun, state: Running): Effect {
  const { attempt, send, input } = run;
  if (!input) throw new Error("a running step has no input");
  return {
    kind: "send",
    step: stepIdAt(execution, index),
    attempt,
    send,
    binding: state.binding,
    input,
    deadlineMs: deadlineInForce(execution, state),
  };
}

/** The deadline of each send that is out, as it is after a pause or its end. */
export function extensions(execution: Execution): readonly Effect[] {
  return [...execution.active].flatMap((index) => {
    const { state, attempt, send } = execution.steps[index]!;
    if (state.status !== "RUNNING") return none;
    const deadlineMs = deadlineInForce(execution, state);
    return [{ kind: "extend", step: stepIdAt(execution, index), attempt, send, deadlineMs }];
  });
}

function deadlineInForce({ state }: Execution, { deadlineMs }: Running): number | undefined {
  return state.status === "PAUSED" ? undefined : deadlineMs;
}

function completionTimer(
  execution: Execution,
  index: number,
  { attempt, send }: StepRun,
  deadlineMs: number,
): readonly Effect[] {
  if (execution.state.status !== "RUNNING") return none;
  const step = stepIdAt(execution, index);
  const fact = { kind: "step.timed_out", step, attempt, send, deadlineMs } as const;
  return [{ kind: "timer", dueAtMs: deadlineMs, fact }];
}

export function stepIdAt({ workflow }: Execution, index: number): string {
  return workflow.definition.steps[index]!.id;
}
