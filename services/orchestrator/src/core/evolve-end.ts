import type { Effect } from "./effect.ts";
import { stepEffects } from "./effects.ts";
import type { Event } from "./event.ts";
import { cancelSend, makeDue, move } from "./evolve-attempt.ts";
import { type Execution, isSpent, outcomeOf, type StepState } from "./execution.ts";
import { countEnded, joinIn, type SkipCause, verdictOf } from "./join.ts";

// What the end of a step means for it, for those that waited for it, and for its execution.

type Kind<K extends Event["kind"]> = Extract<Event, { readonly kind: K }>;

const none: readonly Effect[] = [];

export function succeedStep(
  execution: Execution,
  index: number,
  event: Kind<"step.succeeded">,
  timeMs: number,
): readonly Effect[] {
  const stop =
    event.send === execution.steps[index]!.send
      ? none
      : cancelSend(execution, index, "another agent was faster");
  const next = finishStep(execution, index, { status: "SUCCEEDED", output: event.payload }, timeMs);
  return stop.length === 0 ? next : [...stop, ...next];
}

export function failStep(
  execution: Execution,
  index: number,
  { step, failure }: Kind<"step.failed">,
  timeMs: number,
): readonly Effect[] {
  execution.steps[index]!.lastFailure = failure;
  if (!execution.workflow.definition.steps[index]!.optional)
    execution.failure ??= { ...failure, stepId: step };
  return stopStep(execution, index, { status: "FAILED", failure }, timeMs, "the step failed");
}

export function skipStep(
  execution: Execution,
  index: number,
  cause: SkipCause,
  timeMs: number,
): readonly Effect[] {
  return finishStep(execution, index, { status: "SKIPPED", cause }, timeMs);
}

export function cancelStep(execution: Execution, index: number, timeMs: number): readonly Effect[] {
  return stopStep(execution, index, { status: "CANCELLED" }, timeMs, cancelReason(execution));
}

function stopStep(
  execution: Execution,
  index: number,
  state: StepState,
  timeMs: number,
  reason: string,
): readonly Effect[] {
  const stop = cancelSend(execution, index, reason);
  return [...stop, ...finishStep(execution, index, state, timeMs)];
}

function cancelReason({ cancelRequested }: Execution): string {
  return cancelRequested ? cancelRequested.reason || "the execution was cancelled" : "the execution failed";
}

/** A step has ended: whatever waited for it is looked at, or, when nothing is left to do, the execution. */
function finishStep(
  execution: Execution,
  index: number,
  state: StepState,
  timeMs: number,
): readonly Effect[] {
  const run = execution.steps[index]!;
  move(execution, index, state);
  run.endedAtMs = timeMs;
  execution.active.delete(index);
  execution.unfinished--;
  if (execution.workflow.survivesFailure[index]) execution.unfinishedSurvivors--;
  if (isSpent(execution)) return [{ kind: "decide", fact: { kind: "execution.finished" } }];
  const effects: Effect[] = [];
  for (const dependent of execution.workflow.plan.dependents[index]!)
    effects.push(...settle(execution, dependent, index, timeMs));
  return effects;
}

/** One dependency of a step has ended. */
function settle(execution: Execution, index: number, ended: number, timeMs: number): readonly Effect[] {
  const run = execution.steps[index]!;
  if (run.state.status !== "PENDING" || run.state.isDue) return none;
  const { definition } = execution.workflow;
  const { id, join } = definition.steps[index]!;
  const outcome = outcomeOf(execution.steps[ended]!.state, definition.steps[ended]!);
  const dependencies = countEnded(run.state.dependencies, outcome);
  run.state = { ...run.state, dependencies };
  switch (verdictOf(joinIn(definition.mode, join), dependencies).kind) {
    case "wait":
      return none;
    case "start":
      makeDue(execution, index, timeMs);
      return stepEffects(execution, index);
    case "skip":
      return [{ kind: "decide", fact: { kind: "step.unreachable", step: id } }];
  }
}
