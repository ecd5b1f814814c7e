import { failStep } from "./decide-end.ts";
import type { Step } from "./definition.ts";
import type { Event, SendRef } from "./event.ts";
import { type Execution, findStep, hasEnded, isOpen, type StepRun } from "./execution.ts";
import type { Failure } from "./failure.ts";
import {
  heartbeatFailure,
  interruptedFailure,
  poisonedFailure,
  timeoutFailure,
  tooLargeFailure,
  uncertainFailure,
} from "./failures.ts";
import type { Fact } from "./input.ts";
import { type Json, jsonOf } from "./json.ts";
import { mayRetry, retryDelayMs } from "./retry.ts";

/** Sends that no agent took before a step slows down. */
const failoversMax = 3;
const failoverDelayMs = 1_000;
/** Agents lost under one step before it counts as the cause. */
const interruptionsMax = 3;
const nullJson = jsonOf(null);

type Happened<Kind extends Fact["kind"]> = Extract<Fact, { readonly kind: Kind }>;
type Events = readonly Event[];
type Success = SendRef & { readonly payload: Json };

export function stepSucceeded(execution: Execution, fact: Happened<"step.succeeded">): Events {
  const events = succeedStep(execution, fact);
  return events.length > 0 ? events : succeedLate(execution, fact);
}

/** A success from any send of the current attempt counts: the work is done, whoever did it. */
export function succeedStep(execution: Execution, { step, attempt, send, payload }: Success): Events {
  const run = findStep(execution, step)?.run;
  if (!run || !isOpen(execution) || !mayStillSucceed(run)) return [];
  if (attempt !== run.attempt || send < 1 || send > run.send) return [];
  const failure = tooLargeFailure(execution, payload, `the output of step ${step}`);
  if (!failure) return [{ kind: "step.succeeded", step, attempt, send, payload }];
  // It has run all the same: on record at once, not only when its result happens to be sent twice.
  return [
    { kind: "step.attempt_failed", step, attempt, send, failure },
    ...failStep(execution, step, failure),
    { kind: "step.succeeded_late", step, attempt, send, payload: nullJson },
  ];
}

function mayStillSucceed({ state }: StepRun): boolean {
  return state.status === "RUNNING" || state.status === "WAITING" || state.status === "PENDING";
}

/** The step was given up, and its effect exists all the same: on record for whoever has to undo it. */
function succeedLate(execution: Execution, { step, attempt, send, payload }: Success): Events {
  const run = findStep(execution, step)?.run;
  if (!run || run.lateSuccess || !(isOpen(execution) || hasEnded(execution))) return [];
  const wasGivenUp = run.state.status === "CANCELLED" || run.state.status === "FAILED";
  if (!wasGivenUp || attempt < 1 || attempt > run.attempt || send < 1 || send > run.send) return [];
  const kept = tooLargeFailure(execution, payload, "it") ? nullJson : payload;
  return [{ kind: "step.succeeded_late", step, attempt, send, payload: kept }];
}

export function stepFailed(execution: Execution, fact: Happened<"step.failed">, nowMs: number): Events {
  return failAttempt(execution, fact, fact.failure, nowMs);
}

/** Anything but a success counts only from the send that is out now, or that its handler has put off. */
export function failAttempt(execution: Execution, sent: SendRef, failure: Failure, nowMs: number): Events {
  const found = currentSend(execution, sent);
  return found ? attemptFailed(execution, found, sent, failure, nowMs) : [];
}

export function stepDeferred(execution: Execution, { step, attempt, send }: SendRef): Events {
  const found = runningSend(execution, { step, attempt, send });
  return found ? [{ kind: "step.waiting", step, attempt, send }] : [];
}

export function stepTimedOut(execution: Execution, fact: Happened<"step.timed_out">, nowMs: number): Events {
  const found = currentSend(execution, fact);
  if (!found || execution.state.status !== "RUNNING" || found.state.deadlineMs !== fact.deadlineMs) return [];
  return overdue(execution, found, fact, timeoutFailure(found.step, fact.attempt), nowMs);
}

export function stepHeartbeatMissed(execution: Execution, sent: SendRef, nowMs: number): Events {
  const found = runningSend(execution, sent);
  if (!found) return [];
  return overdue(execution, found, sent, heartbeatFailure(found.step, sent.attempt), nowMs);
}

/** The attempt is given up, and nobody knows what its handler has done. */
function overdue(execution: Execution, found: Sent, sent: SendRef, failure: Failure, nowMs: number): Events {
  const certain = found.step.atMostOnce ? uncertainFailure(failure.message) : failure;
  return attemptFailed(execution, found, sent, certain, nowMs);
}

/** The same attempt goes elsewhere: at once at first, if that is affordable, then slowly: something keeps refusing it. */
export function stepRejected(execution: Execution, fact: Happened<"step.rejected">, nowMs: number): Events {
  const found = runningSend(execution, fact);
  if (!found) return [];
  const { step, attempt, send, reason, isAffordable } = fact;
  const dueAt = isAffordable && found.run.failovers < failoversMax ? nowMs : nowMs + failoverDelayMs;
  return [{ kind: "step.failed_over", step, attempt, send, ...found.state.binding, reason, dueAtMs: dueAt }];
}

/** The first agent lost under a step spends no retry, later ones do, and the third makes the step the suspect. */
export function stepLost(execution: Execution, fact: Happened<"step.lost">, nowMs: number): Events {
  const found = runningSend(execution, fact);
  if (!found) return [];
  const { step, attempt, send, reason } = fact;
  const interruption: Event = {
    kind: "step.interrupted",
    step,
    attempt,
    send,
    ...found.state.binding,
    reason,
  };
  if (found.step.atMostOnce) return [interruption, ...failStep(execution, step, uncertainFailure(reason))];
  const interruptions = found.run.interruptions + 1;
  if (interruptions >= interruptionsMax)
    return [interruption, ...failStep(execution, step, poisonedFailure(interruptions))];
  if (interruptions === 1) return [interruption];
  return [interruption, ...attemptFailed(execution, found, fact, interruptedFailure(reason), nowMs)];
}

function attemptFailed(
  execution: Execution,
  { step, run }: Sent,
  { attempt, send }: SendRef,
  failure: Failure,
  nowMs: number,
): Events {
  const failed: Event = { kind: "step.attempt_failed", step: step.id, attempt, send, failure };
  if (!mayRetry(step.retry, run.attempt, failure)) return [failed, ...failStep(execution, step.id, failure)];
  const delayMs = retryDelayMs(step.retry, attempt, `${execution.id}/${step.id}/${attempt}`, failure);
  const dueAt = Math.min(nowMs + delayMs, deadlineAt(execution, nowMs));
  return [failed, { kind: "step.retry_scheduled", step: step.id, attempt: attempt + 1, dueAtMs: dueAt }];
}

/** When the execution times out, as things stand: every moment of a pause moves it. */
function deadlineAt({ state, deadlineMs }: Execution, nowMs: number): number {
  if (deadlineMs === undefined) return Number.POSITIVE_INFINITY;
  return state.status === "PAUSED" ? deadlineMs + Math.max(0, nowMs - state.sinceMs) : deadlineMs;
}

type Sent = { readonly step: Step; readonly run: StepRun; readonly state: OpenState };
type OpenState = Extract<StepRun["state"], { readonly status: "RUNNING" | "WAITING" }>;
type Running = Sent & { readonly state: Extract<OpenState, { readonly status: "RUNNING" }> };

/** The step as it waits for the answer to this very send; undefined when it does not. */
function currentSend(execution: Execution, { step: id, attempt, send }: SendRef): Sent | undefined {
  const found = findStep(execution, id);
  if (!found || !isOpen(execution)) return undefined;
  const { step, run } = found;
  const { state } = run;
  if (state.status !== "RUNNING" && state.status !== "WAITING") return undefined;
  return run.attempt === attempt && run.send === send ? { step, run, state } : undefined;
}

/** The same, while an agent has it. */
function runningSend(execution: Execution, sent: SendRef): Running | undefined {
  const found = currentSend(execution, sent);
  return found?.state.status === "RUNNING" ? { ...found, state: found.state } : undefined;
}
