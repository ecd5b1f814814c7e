import type { Step } from "./definition.ts";
import type { Binding } from "./event.ts";
import type { Failure } from "./failure.ts";
import type { Json } from "./json.ts";
import type { Workflow } from "./workflow.ts";

export type StepStatus = "PENDING" | "RUNNING" | "RETRYING" | "SUCCEEDED" | "FAILED" | "CANCELLED";

export type StepState =
  /** Waits for `blockedBy` dependencies; at 0 it is due, from `dueAtMs` on. `queued`: no agent had a free slot. */
  | {
      readonly status: "PENDING";
      readonly blockedBy: number;
      readonly dueAtMs: number;
      readonly queued: boolean;
    }
  | { readonly status: "RUNNING"; readonly binding: Binding; readonly sentAtMs: number }
  /** Backing off until `dueAtMs`. */
  | { readonly status: "RETRYING"; readonly dueAtMs: number; readonly queued: boolean }
  | { readonly status: "SUCCEEDED"; readonly output: Json }
  | { readonly status: "FAILED"; readonly failure: Failure }
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
  /** Of the newest attempt that failed. */
  lastFailure: Failure | undefined;
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
  readonly startedAtMs: number;
};

/**
 * One run of a workflow. Only `evolve` changes it, and only one engine owns it.
 *
 * 1. `unfinished` counts the steps that are not terminal.
 * 2. `active` holds exactly the steps that are RUNNING, RETRYING, or PENDING and blocked by nothing.
 * 3. In a terminal execution `active` is empty and no step is RUNNING or RETRYING.
 */
export type Execution = {
  readonly id: string;
  readonly workflow: Workflow;
  readonly steps: readonly StepRun[];
  readonly active: Set<number>;
  state: ExecutionState;
  header: ExecutionHeader | undefined;
  cancelRequested: { readonly reason: string } | undefined;
  unfinished: number;
  /** Of the newest event. */
  sequence: number;
};

/** An execution before its first event. */
export function blankExecution(id: string, workflow: Workflow): Execution {
  return {
    id,
    workflow,
    steps: workflow.plan.dependencies.map((dependencies) => blankStep(dependencies.length)),
    active: new Set(),
    state: { status: "PENDING" },
    header: undefined,
    cancelRequested: undefined,
    unfinished: workflow.definition.steps.length,
    sequence: 0,
  };
}

function blankStep(blockedBy: number): StepRun {
  return {
    state: { status: "PENDING", blockedBy, dueAtMs: 0, queued: false },
    attempt: 1,
    send: 0,
    failovers: 0,
    interruptions: 0,
    input: undefined,
    lastFailure: undefined,
    agentId: "",
    startedAtMs: 0,
    endedAtMs: 0,
  };
}

/** The legal transitions of a step. `evolve` asserts them; a test takes every one. */
export const stepTransitions: { readonly [From in StepStatus]: readonly StepStatus[] } = {
  PENDING: ["RUNNING", "RETRYING", "SUCCEEDED", "FAILED", "CANCELLED"],
  RUNNING: ["PENDING", "RETRYING", "SUCCEEDED", "FAILED", "CANCELLED"],
  RETRYING: ["RUNNING", "CANCELLED"],
  SUCCEEDED: [],
  FAILED: [],
  CANCELLED: [],
};

/** The legal transitions of an execution, as far as this release has its states. */
export const executionTransitions: {
  readonly [From in ExecutionState["status"]]: readonly ExecutionStatus[];
} = {
  PENDING: ["RUNNING"],
  RUNNING: ["SUCCEEDED", "FAILED", "CANCELLED"],
  SUCCEEDED: [],
  FAILED: [],
  CANCELLED: [],
};

/** When a step may be sent; undefined while it is not its turn. */
export function dueAtMs(run: StepRun): number | undefined {
  switch (run.state.status) {
    case "PENDING":
      return run.state.blockedBy === 0 ? run.state.dueAtMs : undefined;
    case "RETRYING":
      return run.state.dueAtMs;
    default:
      return undefined;
  }
}

export function hasEnded(execution: Execution): boolean {
  return execution.state.status !== "PENDING" && execution.state.status !== "RUNNING";
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
