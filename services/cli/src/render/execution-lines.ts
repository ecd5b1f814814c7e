import type { TreeRow } from "../graph/tree.ts";
import { type ExecutionView, hasEnded } from "../progress/execution-view.ts";
import { cutLine, type Line, lineWidth, spanOf } from "./line.ts";
import { executionMark } from "./status-mark.ts";
import type { Moment } from "./step-detail.ts";
import { type Size, stepLines } from "./step-tree.ts";
import { durationText } from "./time.ts";

/** The execution in a line, then a line for each step; no more lines than there are rows. */
export function executionLines(
  view: ExecutionView,
  tree: readonly TreeRow[],
  moment: Moment,
  size: Size,
): readonly Line[] {
  const header = headerLine(view, moment.nowMs, size.columns);
  return [header, ...stepLines(view, tree, moment, { ...size, rows: Math.max(1, size.rows - 1) })];
}

/** An id that was cut is of no use: it is shown whole or not at all. */
function headerLine(view: ExecutionView, nowMs: number, columns: number): Line {
  const { workflow, version, state, startedMs, endedMs, executionId } = view;
  const start = [
    ...(workflow === "" ? [] : [spanOf(`${workflow} v${version}`, "bold"), { text: "  " }]),
    executionMark(state),
    ...(startedMs === undefined ? [] : [{ text: `  ${durationText((endedMs ?? nowMs) - startedMs)}` }]),
  ];
  const steps = spanOf(`  ${progressText(view)}`, "dim");
  const id = spanOf(`  ${executionId}`, "dim");
  const choices = [[...start, steps, id], [...start, id], [...start, steps], start];
  return choices.find((line) => lineWidth(line) <= columns) ?? cutLine(start, columns);
}

function progressText(view: ExecutionView): string {
  const steps = [...view.steps.values()];
  const done = steps.filter(({ state }) => state.status === "succeeded" || state.status === "skipped").length;
  const all = steps.length === 1 ? "1 step" : `${steps.length} steps`;
  return hasEnded(view) && done === steps.length ? all : `${done} of ${all}`;
}
