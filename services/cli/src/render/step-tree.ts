import type { TreeRow } from "../graph/tree.ts";
import type { ExecutionView, StepView } from "../progress/execution-view.ts";
import { foldRows } from "./fold-rows.ts";
import { cutLine, type Line, lineOf, padLine, spanOf } from "./line.ts";
import { stepMark } from "./status-mark.ts";
import { type Moment, stepDetail, stepElapsed } from "./step-detail.ts";
import { textWidth } from "./width.ts";

export type Size = { readonly columns: number; readonly rows: number };

type Placed = { readonly step: StepView; readonly rail: string };
type Widths = { readonly name: number; readonly capability: number };

const gap: Line = [{ text: "  " }];
const elapsedColumns = 8;
/** The mark, and a blank. */
const markColumns = 2;

/**
 * A line for each step: its place in the tree, its state, what it calls, how long it took and what to know of
 * it. Where there are more steps than rows, lines that count those between.
 */
export function stepLines(
  view: Pick<ExecutionView, "steps">,
  tree: readonly TreeRow[],
  moment: Moment,
  { columns, rows }: Size,
): readonly Line[] {
  const placed = tree.flatMap(({ id, rail }) => {
    const step = view.steps.get(id);
    return step ? [{ step, rail }] : [];
  });
  // Of all, shown or not: a column that moves with every picture can't be read.
  const widths = {
    name: widest(
      placed,
      ({ step, rail }) => textWidth(rail) + markColumns + textWidth(step.id),
      columns * 0.45,
    ),
    capability: widest(placed, ({ step }) => textWidth(step.capability), columns * 0.25),
  };
  const statuses = placed.map(({ step }) => step.state.status);
  return foldRows(statuses, rows).map((row) =>
    row.kind === "fold"
      ? lineOf(`⋯ ${row.text}`, "dim")
      : cutLine(stepLine(placed[row.index]!, moment, widths), columns),
  );
}

function stepLine({ step, rail }: Placed, moment: Moment, widths: Widths): Line {
  return [
    ...fitted(nameLine(step, rail, moment.nowMs), widths.name),
    ...gap,
    ...fitted(lineOf(step.capability, "dim"), widths.capability),
    ...padLine(lineOf(stepElapsed(step, moment.nowMs)), elapsedColumns + gap.length, "right"),
    ...gap,
    ...stepDetail(step, moment),
  ];
}

function nameLine(step: StepView, rail: string, nowMs: number): Line {
  const { id, state, startedMs } = step;
  const style = startedMs === undefined && state.status !== "queued" ? "dim" : "bold";
  return [{ text: rail, style: "dim" }, stepMark(step, nowMs), { text: " " }, spanOf(id, style)];
}

function widest(placed: readonly Placed[], width: (placed: Placed) => number, max: number): number {
  const natural = placed.reduce((most, one) => Math.max(most, width(one)), 0);
  return Math.min(natural, Math.floor(max));
}

function fitted(line: Line, columns: number): Line {
  return padLine(cutLine(line, columns), columns);
}
