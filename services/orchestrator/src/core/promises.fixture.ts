import assert from "node:assert/strict";
import { assertNever } from "./assert-never.ts";
import type { Event } from "./event.ts";
import { type Execution, findStep, hasEnded, type StepState } from "./execution.ts";
import type { Workflow } from "./workflow.ts";

// What users are promised, said a second time and from the states of the steps alone: nothing here reads
// the counts, the plan's survivors or the verdicts that the core computes.

/** What may become of a step that waits for others. */
type Prospect = "wait" | "start" | "skip upstream" | "skip condition";
type Coming = "open" | "succeeded" | "absent" | "failed";

/** Steps that go on after a failure: `done` steps, and what follows from them. */
export function survivorsOf({ definition, plan }: Workflow): ReadonlySet<number> {
  const survivors = new Set<number>();
  const visit = (index: number): void => {
    if (survivors.has(index)) return;
    survivors.add(index);
    for (const next of plan.dependents[index]!) visit(next);
  };
  for (const [index, { join }] of definition.steps.entries()) if (join === "done") visit(index);
  return survivors;
}

/** The event is one that may happen now. */
export function checkPromises(execution: Execution, event: Event, survivors: ReadonlySet<number>): void {
  assert(!hasEnded(execution) || event.kind === "step.succeeded_late", `${event.kind} after the end`);
  if (!("step" in event)) return;
  const { index, step, run } = findStep(execution, event.step)!;
  const what = `${event.kind} ${event.step}`;
  switch (event.kind) {
    case "step.queued":
    case "step.started":
      assert.equal(execution.state.status, "RUNNING", what);
      assert.equal(prospectOf(execution, index), "start", `${what}: its join`);
      assert(!hasFailed(execution) || survivors.has(index), `${what} after the failure`);
      return;
    case "step.skipped": {
      const prospect = prospectOf(execution, index);
      const byItself = prospect === "start" && step.when !== undefined && event.cause === "condition";
      assert(byItself || prospect === `skip ${event.cause}`, `${what}: ${event.cause}, ${prospect}`);
      return;
    }
    case "step.succeeded_late":
      assert(["CANCELLED", "FAILED"].includes(run.state.status), `${what}: it is ${run.state.status}`);
      assert.equal(run.lateSuccess, undefined, `${what}, twice`);
      return;
    default:
      return;
  }
}

function hasFailed({ workflow, steps }: Execution): boolean {
  if (workflow.definition.onFailure === "continue") return false;
  return steps.some(
    ({ state }, index) => state.status === "FAILED" && !workflow.definition.steps[index]!.optional,
  );
}

function prospectOf(execution: Execution, index: number): Prospect {
  const { definition, plan } = execution.workflow;
  const needed = plan.dependencies[index]!;
  const comings = needed.map((at) => comingOf(execution.steps[at]!.state, definition.steps[at]!.optional));
  const isOpen = comings.includes("open");
  if (needed.length === 0) return "start";
  switch (definition.mode === "dependency" ? definition.steps[index]!.join : "done") {
    case "all":
      if (comings.includes("failed")) return "skip upstream";
      if (isOpen) return "wait";
      return comings.includes("succeeded") ? "start" : "skip condition";
    case "any":
      if (comings.includes("succeeded")) return "start";
      return isOpen ? "wait" : "skip upstream";
    case "done":
      return isOpen ? "wait" : "start";
  }
}

function comingOf(state: StepState, optional: boolean): Coming {
  switch (state.status) {
    case "PENDING":
    case "RUNNING":
    case "RETRYING":
    case "WAITING":
      return "open";
    case "SUCCEEDED":
      return "succeeded";
    case "FAILED":
      return optional ? "absent" : "failed";
    case "SKIPPED":
      return state.cause === "condition" ? "absent" : "failed";
    case "CANCELLED":
      return "failed";
    default:
      return assertNever(state);
  }
}

/** The invariants of `Execution`, and: no step is left behind that could go on. */
export function checkInvariants(execution: Execution, survivors: ReadonlySet<number>): void {
  const { steps, active, running, unfinished, unfinishedSurvivors } = execution;
  const isOver = hasEnded(execution);
  const open = [...steps.keys()].filter((index) => comingOf(steps[index]!.state, false) === "open");
  assert.equal(unfinished, open.length, "unfinished");
  assert.equal(running, steps.filter(({ state }) => state.status === "RUNNING").length, "running");
  assert.equal(unfinishedSurvivors, open.filter((index) => survivors.has(index)).length, "survivors");
  if (isOver) return assert.equal(active.size, 0, "something is active after the end");
  for (const index of open) {
    const { state } = steps[index]!;
    const isIdle = state.status === "PENDING" && !state.isDue;
    assert.equal(active.has(index), !isIdle, `step ${index} in active`);
    if (isIdle && execution.state.status !== "PENDING")
      assert.equal(prospectOf(execution, index), "wait", `step ${index} is left behind`);
  }
  assert(active.size <= open.length, "an ended step is active");
}
