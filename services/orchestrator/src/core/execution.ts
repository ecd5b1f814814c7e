import type { Step } from "./definition.ts";
import type { Binding } from "./event.ts";
import type { Failure } from "./failure.ts";
import type { DependencyCounts, Outcome, SkipCause } from "./join.ts";
import type { Json } from "./json.ts";
import { defaultExecutionLimits, type ExecutionLimits } from "./limits.ts";
import type { TraceContext } from "./trace-context.ts";
import type { Workflow } from "./workflow.ts";

export type StepStatus =
  | "PENDING"
  | "RUNNING"
  | "RETRYING"
  | "WAITING"
  | "SUCCEEDED"
  | "FAILED"
  | "SKIPPED"
  | "CANCELLED";

export type StepState =
  /** Waits for its dependencies. */
  | { readonly status: "PENDING"; readonly isDue: false; readonly dependencies: DependencyCounts }
  /** Waits for an agent, from `dueAtMs` on. `queued`: its condition holds, and no agent had a free slot. */
  | { readonly status: "PENDING"; readonly isDue: true; readonly dueAtMs: number; readonly queued: boolean }
  | { readonly status: "RUNNING"; readonly binding: Binding; readonly deadlineMs: number }
  /** Backing off until `dueAtMs`. */
  | { readonly status: "RETRYING"; readonly dueAtMs: number; readonly queued: boolean }
  /** Its handler has answered "later": whoever has the token completes it. */
  | { readonly status: "WAITING"; readonly deadlineMs: number }
  | { readonly status: "SUCCEEDED"; readonly output: Json }
  | { readonly status: "FAILED"; readonly failure: Failure }
  | { readonly status: "SKIPPED"; readonly cause: SkipCause }
  | { readonly status: "CANCELLED" };

/** What an execution knows of one of its steps. */
export type StepRun = {
  state: StepState;
  /** The current attempt, or the one to come; from 1. */
  attempt: number;
  /** How often it was sent, over all attempts. */
  send: number;
  /** Sends of this attempt that no agent took. */
  failovers: number;
  /** Agents lost under it, over all attempts. */
  interruptions: number;
  /** Recorded by the first start; every later send reuses it. */
  input: Json | undefined;
  /** Until when an agent must have taken the attempt; set while it has had to wait for one. */
  queueDeadlineMs: number | undefined;
  /** Of the newest attempt that failed. */
  lastFailure: Failure | undefined;
  /** A success that came after the step had been cancelled or had failed: its effect exists. */
  lateSuccess: { readonly attempt: number; readonly send: number } | undefined;
  /** The newest send's agent. */
  agentId: string;
  startedAtMs: number;
  endedAtMs: number;
};

export type ExecutionStatus =
  | "PENDING"
  | "RUNNING"
  | "PAUSED"
  | "COMPENSATING"
  | "SUCCEEDED"
  | "FAILED"
  | "CANCELLED"
  | "COMPENSATED"
  | "COMPENSATION_FAILED";

export type ExecutionState =
  | { readonly status: "PENDING" }
  | { readonly status: "RUNNING" }
  /** Nothing new is sent, and no timeout but the heartbeat's runs. */
  | {
      readonly status: "PAUSED";
      readonly sinceMs: number;
      readonly reason: string;
      readonly requestedBy: string;
    }
  | { readonly status: "SUCCEEDED"; readonly output: Json; readonly endedAtMs: number }
  | { readonly status: "FAILED"; readonly failure: Failure; readonly endedAtMs: number }
  | { readonly status: "CANCELLED"; readonly reason: string; readonly endedAtMs: number };

/** What its start says of it. */
export type ExecutionHeader = {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdBy: string;
  readonly input: Json;
  /** What the workflow's `vars` gave at the start: an object. */
  readonly vars?: Json;
  readonly trace?: TraceContext;
  readonly startedAtMs: number;
};

/**
 * One run of a workflow. Only `evolve` changes it, and only one engine owns it.
 *
 * 1. `unfinished` counts the steps that are not terminal, `unfinishedSurvivors` those of them that go on
 *    when the execution fails.
 * 2. `active` holds exactly the steps that are RUNNING, RETRYING, WAITING, or PENDING and due.
 * 3. In a terminal execution `active` is empty.
 * 4. `running` counts the steps that are RUNNING.
 */
export type Execution = {
  readonly id: string;
  readonly workflow: Workflow;
  readonly limits: ExecutionLimits;
  readonly steps: readonly StepRun[];
  readonly active: Set<number>;
  running: number;
  state: ExecutionState;
  header: ExecutionHeader | undefined;
  cancelRequested: { readonly reason: string } | undefined;
  /** Of the first step that failed and was not optional: the execution will fail. */
  failure: Failure | undefined;
  /** When the execution times out; moves with every pause. */
  deadlineMs: number | undefined;
  unfinished: number;
  unfinishedSurvivors: number;
  /** Of all payloads in its log. */
  payloadBytes: number;
  /** Of the newest event. */
  sequence: number;
};

/** An execution before its first event. */
export function blankExecution(
  id: string,
  workflow: Workflow,
  limits: ExecutionLimits = defaultExecutionLimits,
): Execution {
  return {
    id,
    workflow,
    limits,
    steps: workflow.plan.dependencies.map((dependencies) => blankStep(dependencies.length)),
    active: new Set(),
    running: 0,
    state: { status: "PENDING" },
    header: undefined,
    cancelRequested: undefined,
    failure: undefined,
    deadlineMs: undefined,
    unfinished: workflow.definition.steps.length,
    unfinishedSurvivors: workflow.survivors,
    payloadBytes: 0,
    sequence: 0,
  };
}

/** A step before anything has happened to it. */
export function blankStep(dependencies: number): StepRun {
  return {
    state: {
      status: "PENDING",
      isDue: false,
      dependencies: { open: dependencies, succeeded: 0, failed: 0 },
    },
    attempt: 1,
    send: 0,
    failovers: 0,
    interruptions: 0,
    input: undefined,
    queueDeadlineMs: undefined,
    lastFailure: undefined,
    lateSuccess: undefined,
    agentId: "",
    startedAtMs: 0,
    endedAtMs: 0,
  };
}

/** The legal transitions of a step. `evolve` asserts them; a test takes every one. */
export const stepTransitions: { readonly [From in StepStatus]: readonly StepStatus[] } = {
  PENDING: ["RUNNING", "RETRYING", "SUCCEEDED", "FAILED", "SKIPPED", "CANCELLED"],
  RUNNING: ["PENDING", "RETRYING", "WAITING", "SUCCEEDED", "FAILED", "CANCELLED"],
  RETRYING: ["RUNNING", "FAILED", "CANCELLED"],
  WAITING: ["RETRYING", "SUCCEEDED", "FAILED", "CANCELLED"],
  SUCCEEDED: [],
  FAILED: [],
  SKIPPED: [],
  CANCELLED: [],
};

/** The legal transitions of an execution, as far as this release has its states. */
export const executionTransitions: {
  readonly [From in ExecutionState["status"]]: readonly ExecutionStatus[];
} = {
  PENDING: ["RUNNING"],
  RUNNING: ["PAUSED", "SUCCEEDED", "FAILED", "CANCELLED"],
  PAUSED: ["RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"],
  SUCCEEDED: [],
  FAILED: [],
  CANCELLED: [],
};

/** When a step may be sent; undefined while it is not its turn. */
export function dueAtMs({ state }: StepRun): number | undefined {
  if (state.status === "RETRYING") return state.dueAtMs;
  return state.status === "PENDING" && state.isDue ? state.dueAtMs : undefined;
}

/** It waits for an agent, and has been looked at before. */
export function isQueued({ state }: StepRun): boolean {
  if (state.status === "RETRYING") return state.queued;
  return state.status === "PENDING" && state.isDue && state.queued;
}

export function isStepOver({ state }: StepRun): boolean {
  return stepTransitions[state.status].length === 0;
}

/** What a step that has ended is to those that wait for it. One that was cancelled is a failure to them. */
export function outcomeOf(state: StepState, { optional }: Pick<Step, "optional">): Outcome {
  if (state.status === "SUCCEEDED") return "succeeded";
  const isAbsent =
    (state.status === "FAILED" && optional) || (state.status === "SKIPPED" && state.cause === "condition");
  return isAbsent ? "absent" : "failed";
}

/** It has begun and has not ended: answers count, paused or not. */
export function isOpen({ state }: Execution): boolean {
  return state.status === "RUNNING" || state.status === "PAUSED";
}

export function hasEnded(execution: Execution): boolean {
  return executionTransitions[execution.state.status].length === 0;
}

/** Nothing is left to do: every step has ended, or it has failed and those that may go on have. */
export function isSpent({ workflow, failure, unfinished, unfinishedSurvivors }: Execution): boolean {
  if (unfinished === 0) return true;
  return failure !== undefined && workflow.definition.onFailure === "fail" && unfinishedSurvivors === 0;
}

/** A step with its run, by id; undefined for an id that the workflow does not have. */
export function findStep(
  execution: Execution,
  id: string,
): { index: number; step: Step; run: StepRun } | undefined {
  const index = execution.workflow.indexOf.get(id);
  if (index === undefined) return undefined;
  return { index, step: execution.workflow.definition.steps[index]!, run: execution.steps[index]! };
}
