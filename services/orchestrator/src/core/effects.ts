import type { Effect } from "./effect.ts";
import { dueAtMs, type Execution } from "./execution.ts";

/**
 * Everything that must be in flight now, from state alone: what recovery asks for. What `evolve` has
 * yielded and is not settled says the same. Cancels are left out: an ended step has nothing in flight.
 */
export function effects(execution: Execution): readonly Effect[] {
  if (execution.state.status !== "RUNNING" || !execution.header) return [];
  const { timeoutMs } = execution.workflow.definition;
  const timer: Effect[] =
    timeoutMs === undefined
      ? []
      : [
          {
            kind: "timer",
            dueAtMs: execution.header.startedAtMs + timeoutMs,
            fact: { kind: "execution.timed_out" },
          },
        ];
  return [...timer, ...[...execution.active].flatMap((index) => stepEffects(execution, index))];
}

function stepEffects(execution: Execution, index: number): readonly Effect[] {
  const run = execution.steps[index]!;
  const step = execution.workflow.definition.steps[index]!;
  if (run.state.status === "RUNNING" && run.input) {
    const { binding, sentAtMs } = run.state;
    const deadlineMs = sentAtMs + step.timeoutMs;
    return [
      {
        kind: "send",
        step: step.id,
        attempt: run.attempt,
        send: run.send,
        binding,
        input: run.input,
        deadlineMs,
      },
    ];
  }
  const due = dueAtMs(run);
  return due === undefined ? [] : [{ kind: "due", step: step.id, dueAtMs: due }];
}
