import type { Effect } from "./effect.ts";
import { queueTimer, stepEffects, stepIdAt } from "./effects.ts";
import type { Event } from "./event.ts";
import { type Execution, isQueued, type StepState, stepTransitions } from "./execution.ts";

// What the facts of an attempt mean for its step. What is due after each is read off the state that it leaves.

type Kind<K extends Event["kind"]> = Extract<Event, { readonly kind: K }>;

const none: readonly Effect[] = [];

/** The step's turn has come. */
export function makeDue(execution: Execution, index: number, dueAtMs: number): void {
  execution.steps[index]!.state = { status: "PENDING", isDue: true, dueAtMs, queued: false };
  execution.active.add(index);
}

export function queueStep(execution: Execution, index: number, timeMs: number): readonly Effect[] {
  const run = execution.steps[index]!;
  if (isQueued(run)) return none;
  if (run.state.status === "RETRYING" || (run.state.status === "PENDING" && run.state.isDue))
    run.state = { ...run.state, queued: true };
  return startQueueTimeout(execution, index, timeMs) ? queueTimer(execution, index) : none;
}

/** From the first time that the attempt has had to wait; false when it runs already, or never does. */
function startQueueTimeout(execution: Execution, index: number, timeMs: number): boolean {
  const run = execution.steps[index]!;
  const { queueTimeoutMs } = execution.workflow.definition.steps[index]!;
  if (queueTimeoutMs === undefined || run.queueDeadlineMs !== undefined) return false;
  const { state } = execution;
  run.queueDeadlineMs = (state.status === "PAUSED" ? state.sinceMs : timeMs) + queueTimeoutMs;
  return true;
}

export function startStep(
  execution: Execution,
  index: number,
  event: Kind<"step.started">,
  timeMs: number,
): readonly Effect[] {
  const run = execution.steps[index]!;
  const { step, attempt, send, agentId, incarnation } = event;
  const input = event.payload ?? run.input;
  if (!input) throw new Error(`step ${step} was started without an input`);
  const deadlineMs = timeMs + execution.workflow.definition.steps[index]!.timeoutMs;
  move(execution, index, { status: "RUNNING", binding: { agentId, incarnation }, deadlineMs });
  run.attempt = attempt;
  run.send = send;
  run.input = input;
  run.agentId = agentId;
  if (run.startedAtMs === 0) run.startedAtMs = timeMs;
  return stepEffects(execution, index);
}

export function failOver(
  execution: Execution,
  index: number,
  dueAt: number,
  timeMs: number,
): readonly Effect[] {
  execution.steps[index]!.failovers++;
  startQueueTimeout(execution, index, timeMs);
  return reopen(execution, index, dueAt);
}

export function interrupt(execution: Execution, index: number, timeMs: number): readonly Effect[] {
  const run = execution.steps[index]!;
  run.interruptions++;
  run.queueDeadlineMs = undefined;
  return reopen(execution, index, timeMs);
}

function reopen(execution: Execution, index: number, dueAtMs: number): readonly Effect[] {
  move(execution, index, { status: "PENDING", isDue: true, dueAtMs, queued: false });
  return stepEffects(execution, index);
}

export function retryLater(
  execution: Execution,
  index: number,
  { attempt, dueAtMs }: Kind<"step.retry_scheduled">,
): readonly Effect[] {
  const run = execution.steps[index]!;
  const stop = cancelSend(execution, index, "a new attempt takes its place");
  move(execution, index, { status: "RETRYING", dueAtMs, queued: false });
  run.attempt = attempt;
  run.failovers = 0;
  run.queueDeadlineMs = undefined;
  return [...stop, ...stepEffects(execution, index)];
}

/** No agent holds it any more, and its deadline stays. */
export function putOff(execution: Execution, index: number): readonly Effect[] {
  const run = execution.steps[index]!;
  if (run.state.status !== "RUNNING") throw new Error("only a running step can wait to be completed");
  move(execution, index, { status: "WAITING", deadlineMs: run.state.deadlineMs });
  return stepEffects(execution, index);
}

/** For an agent that has answered already the shell drops it. */
export function cancelSend(execution: Execution, index: number, reason: string): readonly Effect[] {
  const { state, attempt, send } = execution.steps[index]!;
  if (state.status !== "RUNNING") return none;
  const step = stepIdAt(execution, index);
  return [{ kind: "cancel", step, attempt, send, binding: state.binding, reason }];
}

/** The one writer of a step's state. */
export function move(execution: Execution, index: number, to: StepState): void {
  const run = execution.steps[index]!;
  if (!stepTransitions[run.state.status].includes(to.status))
    throw new Error(`illegal transition of a step: ${run.state.status} → ${to.status}`);
  if (run.state.status === "RUNNING") execution.running--;
  if (to.status === "RUNNING") execution.running++;
  run.state = to;
}
