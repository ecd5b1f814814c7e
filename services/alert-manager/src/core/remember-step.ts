import { assertNever } from "./assert-never.ts";
import type { Memory, OpenStep } from "./memory.ts";
import type { StepObservation } from "./observation.ts";
import { countEnd, noteMishap } from "./tally.ts";

/** Takes in what became of a step. */
export function rememberStep(memory: Memory, observation: StepObservation, timeMs: number): void {
  const key = keyOf(observation);
  const step = memory.steps.get(key);
  const known = { ...observation, capability: observation.capability ?? step?.capability ?? "" };
  switch (observation.type) {
    case "queued":
      put(memory, key, { ...opened(known, timeMs), status: "queued" });
      return;
    case "started":
      countSend(memory, known, timeMs);
      put(memory, key, { ...opened(known, timeMs), status: "running" });
      return;
    case "failed_over":
    case "interrupted":
    case "retry_scheduled":
      countSendAgain(memory, known, timeMs);
      put(memory, key, { ...opened(known, timeMs), status: "between" });
      return;
    case "attempt_failed":
      noteFailure(memory, known, timeMs);
      put(memory, key, { ...opened(known, timeMs), status: "between" });
      return;
    case "waiting":
      put(memory, key, { ...opened(known, timeMs), status: "waiting" });
      return;
    case "succeeded":
      countEnd(memory, ["errors", "capability", known.namespace, known.capability], timeMs, false);
      dropStep(memory, key, known.executionId);
      return;
    case "failed":
    case "skipped":
    case "cancelled":
      dropStep(memory, key, known.executionId);
      return;
    default:
      assertNever(observation.type);
  }
}

/** Drops all steps of an execution, which has ended. */
export function dropStepsOf(memory: Memory, executionId: string): void {
  for (const key of memory.stepsOf.get(executionId) ?? []) memory.steps.drop(key);
  memory.stepsOf.delete(executionId);
}

/** Whatever an execution's steps wait for moves by the length of its pause. */
export function shiftSteps(
  { steps, stepsOf }: Pick<Memory, "steps" | "stepsOf">,
  executionId: string,
  pauseMs: number,
): void {
  for (const key of stepsOf.get(executionId) ?? []) {
    const step = steps.get(key);
    if (step) steps.put(key, { ...step, sinceMs: step.sinceMs + pauseMs });
  }
}

/** Finds the steps of each execution again, in rows that were restored. */
export function indexSteps({ steps, stepsOf }: Memory): void {
  for (const [key, { executionId }] of steps.entries()) index(stepsOf, executionId, key);
}

type Known = StepObservation & { readonly capability: string };

function keyOf({ executionId, stepId }: StepObservation): string {
  return `${executionId}/${stepId}`;
}

function opened(observation: Known, sinceMs: number): Omit<OpenStep, "status"> {
  const { namespace, workflow, executionId, stepId, capability, timeoutMs } = observation;
  const timeout = timeoutMs === undefined ? {} : { timeoutMs };
  return { namespace, workflow, executionId, stepId, capability, sinceMs, ...timeout };
}

function put({ steps, stepsOf }: Memory, key: string, step: OpenStep): void {
  if (steps.put(key, step)) index(stepsOf, step.executionId, key);
}

function index(stepsOf: Map<string, Set<string>>, executionId: string, key: string): void {
  const keys = stepsOf.get(executionId);
  if (keys) keys.add(key);
  else stepsOf.set(executionId, new Set([key]));
}

function dropStep({ steps, stepsOf }: Memory, key: string, executionId: string): void {
  steps.drop(key);
  const keys = stepsOf.get(executionId);
  keys?.delete(key);
  if (keys?.size === 0) stepsOf.delete(executionId);
}

function countSend(memory: Memory, { namespace, workflow, capability }: Known, timeMs: number): void {
  countEnd(memory, ["sends", "workflow", namespace, workflow], timeMs, false);
  countEnd(memory, ["sends", "capability", namespace, capability], timeMs, false);
}

/** The next send of the same step: it is what makes a storm, and its start is counted when it comes. */
function countSendAgain(memory: Memory, { namespace, workflow, capability }: Known, timeMs: number): void {
  countEnd(memory, ["again", "workflow", namespace, workflow], timeMs, true);
  countEnd(memory, ["again", "capability", namespace, capability], timeMs, true);
}

function noteFailure(memory: Memory, observation: Known, timeMs: number): void {
  const { namespace, workflow, capability, executionId, stepId, code } = observation;
  countEnd(memory, ["errors", "capability", namespace, capability], timeMs, true);
  if (code !== "DEADLINE_EXCEEDED") return;
  const names = ["step_timed_out", namespace, workflow, capability];
  noteMishap(memory, names, `${executionId}/${stepId}`, timeMs);
}
