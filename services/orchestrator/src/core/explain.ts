import type { Join } from "./definition.ts";
import { type Execution, isOpen, isQueued, isStepOver, type StepRun, type StepStatus } from "./execution.ts";
import type { Failure } from "./failure.ts";
import { joinIn } from "./join.ts";

/** What an unfinished step waits for, as far as its execution knows; the shell adds what it knows of agents. */
export type Wait =
  | { readonly kind: "dependencies"; readonly open: readonly string[]; readonly join: Join }
  | {
      readonly kind: "backoff";
      readonly untilMs: number;
      /** The attempt to come; the same one again when agents have refused it. */
      readonly attempt: number;
      /** Why it backs off, when that is because an attempt failed. */
      readonly lastFailure: Failure | undefined;
    }
  /** For an agent that takes it, until `untilMs` at the latest. */
  | {
      readonly kind: "slot";
      readonly capability: string;
      readonly sinceMs: number;
      readonly untilMs?: number;
    }
  /** For the answer of the agent that has it; the deadline is absent while the execution is paused. */
  | {
      readonly kind: "answer";
      readonly agentId: string;
      readonly attempt: number;
      readonly send: number;
      readonly untilMs?: number;
    }
  /** For whoever has its token. */
  | {
      readonly kind: "completion";
      readonly attempt: number;
      readonly send: number;
      readonly untilMs?: number;
    };

export type ExplainedStep = { readonly step: string; readonly status: StepStatus; readonly wait: Wait };

/** Why each step that has not ended has not. Empty for an execution that has ended. */
export function explain(execution: Execution, nowMs: number): readonly ExplainedStep[] {
  if (!isOpen(execution)) return [];
  return execution.steps.flatMap((run, index) => {
    const wait = waitOf(execution, index, run, nowMs);
    const { id } = execution.workflow.definition.steps[index]!;
    return wait ? [{ step: id, status: run.state.status, wait }] : [];
  });
}

function waitOf(execution: Execution, index: number, run: StepRun, nowMs: number): Wait | undefined {
  const { state, attempt, send } = run;
  const isEarly = (dueAt: number) => dueAt > nowMs && !isQueued(run);
  switch (state.status) {
    case "PENDING":
      if (!state.isDue) return { kind: "dependencies", ...openDependencies(execution, index) };
      return isEarly(state.dueAtMs)
        ? { kind: "backoff", untilMs: state.dueAtMs, attempt, lastFailure: undefined }
        : waitForSlot(execution, index, run, state.dueAtMs);
    case "RETRYING":
      return isEarly(state.dueAtMs)
        ? { kind: "backoff", untilMs: state.dueAtMs, attempt, lastFailure: run.lastFailure }
        : waitForSlot(execution, index, run, state.dueAtMs);
    case "RUNNING": {
      const { agentId } = state.binding;
      return { kind: "answer", agentId, attempt, send, ...until(execution, state.deadlineMs) };
    }
    case "WAITING":
      return { kind: "completion", attempt, send, ...until(execution, state.deadlineMs) };
    default:
      return undefined;
  }
}

function waitForSlot(execution: Execution, index: number, run: StepRun, sinceMs: number): Wait {
  const { capability } = execution.workflow.definition.steps[index]!;
  return { kind: "slot", capability, sinceMs, ...until(execution, run.queueDeadlineMs) };
}

/** No timeout runs while the execution is paused. */
function until({ state }: Execution, deadlineMs: number | undefined): { readonly untilMs?: number } {
  return deadlineMs === undefined || state.status === "PAUSED" ? {} : { untilMs: deadlineMs };
}

function openDependencies({ workflow, steps }: Execution, index: number) {
  const { definition, plan } = workflow;
  const open = plan.dependencies[index]!.filter((dependency) => !isStepOver(steps[dependency]!));
  return {
    open: open.map((dependency) => definition.steps[dependency]!.id),
    join: joinIn(definition.mode, definition.steps[index]!.join),
  };
}
