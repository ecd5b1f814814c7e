import type {
  ExplainExecutionResponse,
  StepExplanation,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { treeOf } from "../graph/tree.ts";
import type { StepState } from "../progress/execution-view.ts";
import { executionStatus } from "./execution-status.ts";
import { type Line, lineOf, lineWidth, padLine, spanOf } from "./line.ts";
import { stepMark } from "./status-mark.ts";
import { durationText, msOf } from "./time.ts";

/** Why an execution has not ended: what holds all of it, then a line for each step that has not. */
export function explanationLines(explanation: ExplainExecutionResponse, nowMs: number): readonly Line[] {
  return [
    headerLine(explanation, nowMs),
    ...obstacleLines(explanation),
    ...stepLines(explanation.steps, nowMs),
  ];
}

function headerLine({ status, pause, deadlineTime, steps }: ExplainExecutionResponse, nowMs: number): Line {
  const sinceMs = msOf(pause?.since);
  const dueMs = msOf(deadlineTime);
  const reason = pause?.reason ? `: ${pause.reason}` : "";
  return [
    executionStatus(status),
    ...(pause ? [spanOf(` by ${pause.requestedBy}`)] : []),
    ...(sinceMs === undefined ? [] : [spanOf(` for ${durationText(nowMs - sinceMs)}${reason}`)]),
    ...(dueMs === undefined ? [] : [spanOf(`  times out in ${durationText(dueMs - nowMs)}`, "dim")]),
    ...(steps.length === 0 ? [spanOf("  no step is open", "dim")] : []),
  ];
}

function obstacleLines({ quarantineReason, logBlocked }: ExplainExecutionResponse): readonly Line[] {
  return [
    ...(quarantineReason === "" ? [] : [lineOf(`✗ left alone: ${quarantineReason}`, "red")]),
    ...(logBlocked ? [lineOf("✗ the log has no room: whatever happens has to wait", "red")] : []),
  ];
}

/** As a tree of what is still open: a step stands below those that it waits for. */
function stepLines(steps: readonly StepExplanation[], nowMs: number): readonly Line[] {
  const byId = new Map(steps.map((step) => [step.stepId, step]));
  const graph = steps.map((step) => ({ id: step.stepId, dependencies: openDependencies(step) }));
  const placed = treeOf(graph).flatMap(({ id, rail }) => {
    const step = byId.get(id);
    return step ? [{ step, name: nameLine(step, rail, nowMs) }] : [];
  });
  const width = Math.max(0, ...placed.map(({ name }) => lineWidth(name)));
  return placed.flatMap(({ step, name }) => [
    [...padLine(name, width), spanOf(`  ${step.summary}`)],
    ...completionLines(step),
  ]);
}

function nameLine(step: StepExplanation, rail: string, nowMs: number): Line {
  const mark = stepMark({ state: stateOf(step) }, nowMs);
  return [{ text: rail, style: "dim" }, mark, { text: " " }, spanOf(step.stepId, "bold")];
}

/** What to type stands on a line of its own: a token is long, and has to be copied whole. */
function completionLines({ waitingFor }: StepExplanation): readonly Line[] {
  if (waitingFor.case !== "completion" || waitingFor.value.token === "") return [];
  return [[spanOf("    → ", "cyan"), spanOf(`weft complete ${waitingFor.value.token}`)]];
}

function openDependencies({ waitingFor }: StepExplanation): readonly string[] {
  return waitingFor.case === "dependencies" ? waitingFor.value.stepIds : [];
}

/** The state that the step has in a live view, as far as its mark tells it. */
function stateOf({ waitingFor }: StepExplanation): StepState {
  switch (waitingFor.case) {
    case "backoff":
      return { status: "retrying", dueMs: msOf(waitingFor.value.until) ?? 0 };
    case "agent":
      return { status: "queued", sinceMs: msOf(waitingFor.value.since) ?? 0 };
    case "answer":
      return { status: "running", agentId: waitingFor.value.agentId };
    case "completion":
      return { status: "waiting", agentId: "" };
    default:
      return { status: "pending" };
  }
}
