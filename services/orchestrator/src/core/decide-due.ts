import { failStep } from "./decide-end.ts";
import type { Step } from "./definition.ts";
import type { Event } from "./event.ts";
import { dueAtMs, type Execution, findStep, isOpen, isQueued, type StepRun } from "./execution.ts";
import { notTakenFailure, tooLargeFailure } from "./failures.ts";
import type { Fact } from "./input.ts";
import { joinIn, verdictOf } from "./join.ts";
import { renderStepInput, renderWhen } from "./scope.ts";
import type { RenderedTemplate } from "./template.ts";

type Happened<Kind extends Fact["kind"]> = Extract<Fact, { readonly kind: Kind }>;

/** Its condition is evaluated when it is first looked at, its input when it is first sent; both are recorded. */
export function stepDue(
  execution: Execution,
  { step: id, binding, isHeld }: Happened<"step.due">,
  nowMs: number,
): readonly Event[] {
  const found = findStep(execution, id);
  if (!found || execution.state.status !== "RUNNING") return [];
  const { step, run } = found;
  const dueAt = dueAtMs(run);
  // A queued step has been due: a clock that was set back since does not make it wait again.
  if (dueAt === undefined || (dueAt > nowMs && !isQueued(run))) return [];
  if (!isAdmitted(run)) {
    const condition = renderWhen(execution, step);
    if (!condition.ok) return failStep(execution, id, condition.failure);
    if (!condition.value) return [{ kind: "step.skipped", step: id, cause: "condition" }];
  }
  const input = inputOf(execution, step, run);
  if (!input.ok) return failStep(execution, id, input.failure);
  if (!binding && isQueued(run)) return [];
  if (!binding) return [{ kind: "step.queued", step: id, ...(isHeld ? { held: true } : {}) }];
  const { agentId, incarnation } = binding;
  const bound = { step: id, attempt: run.attempt, send: run.send + 1, agentId, incarnation };
  return [{ kind: "step.started", ...bound, ...(run.input ? {} : { payload: input.json }) }];
}

/** Its condition was found to hold before. */
function isAdmitted(run: StepRun): boolean {
  return run.input !== undefined || isQueued(run);
}

function inputOf(execution: Execution, step: Step, run: StepRun): RenderedTemplate {
  if (run.input) return { ok: true, json: run.input };
  const rendered = renderStepInput(execution, step);
  if (!rendered.ok) return rendered;
  const failure = tooLargeFailure(execution, rendered.json, `the input of step ${step.id}`);
  return failure ? { ok: false, failure } : rendered;
}

/** What its dependencies have come to leaves it nothing to wait for. */
export function stepUnreachable(
  execution: Execution,
  { step: id }: Happened<"step.unreachable">,
): readonly Event[] {
  const found = findStep(execution, id);
  if (!found || !isOpen(execution)) return [];
  const { step, run } = found;
  if (run.state.status !== "PENDING" || run.state.isDue) return [];
  const verdict = verdictOf(joinIn(execution.workflow.definition.mode, step.join), run.state.dependencies);
  return verdict.kind === "skip" ? [{ kind: "step.skipped", step: id, cause: verdict.cause }] : [];
}

/** No agent has taken the attempt in time. Not worth a retry: that would only wait again. */
export function stepQueueTimedOut(
  execution: Execution,
  { step: id, deadlineMs }: Happened<"step.queue_timed_out">,
): readonly Event[] {
  const found = findStep(execution, id);
  if (!found || execution.state.status !== "RUNNING") return [];
  const { step, run } = found;
  if (dueAtMs(run) === undefined || run.queueDeadlineMs !== deadlineMs) return [];
  return failStep(execution, id, notTakenFailure(step));
}
