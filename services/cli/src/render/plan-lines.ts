import { type ExecutionPlan, Join, type PlanStep } from "@weft/proto/weft/workflow/v1/definition_pb";
import { treeOf } from "../graph/tree.ts";
import { cutLine, type Line, lineOf, lineWidth, padLine, type Span, spanOf, wrapLine } from "./line.ts";
import type { Style } from "./paint.ts";
import { textWidth } from "./width.ts";

const nameColumnsMax = 48;

/** A plan as a drawing, its batches, its critical path and its cycles. */
export function planLines(title: string, plan: ExecutionPlan, columns: number): readonly Line[] {
  const blocks = [
    [titleLine(title, plan)],
    drawing(plan),
    batchLines(plan, columns),
    criticalLines(plan, columns),
    cycleLines(plan, columns),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : [[], ...lines]))
    .map((line) => cutLine(line, columns));
}

function titleLine(title: string, { steps, batches, cycles }: ExecutionPlan): Line {
  const shape = `${counted(steps.length, "step")} in ${counted(batches.length, "batch", "batches")}`;
  return [
    spanOf(title, "bold"),
    spanOf(`  ${shape}`),
    ...(cycles.length > 0 ? [spanOf(`  ✗ ${counted(cycles.length, "cycle")}`, "red")] : []),
  ];
}

/** Beside a step stands what the rails alone may not tell: which steps it waits for, and whether it runs at all. */
function drawing({ steps, criticalPath, cycles }: ExecutionPlan): readonly Line[] {
  const critical = new Set(criticalPath);
  const cyclic = new Set(cycles.flatMap(({ stepIds }) => stepIds));
  const planned = new Map(steps.map((step) => [step.stepId, step]));
  const graph = steps.map(({ stepId: id, dependencies: of }) => ({ id, dependencies: of }));
  const names = treeOf(graph).map(({ id, rail }) => ({
    id,
    line: [
      { text: `  ${rail}`, style: "dim" as const },
      markOf(cyclic.has(id), critical.has(id)),
      spanOf(id, cyclic.has(id) ? "red" : "bold"),
    ],
  }));
  const width = Math.min(nameColumnsMax, Math.max(0, ...names.map(({ line }) => lineWidth(line))));
  return names.map(({ id, line }) => {
    const notes = notesOf(planned.get(id));
    return notes.length === 0 ? line : [...padLine(line, width), spanOf(`  ${notes.join("  ")}`, "dim")];
  });
}

function notesOf(step: PlanStep | undefined): readonly string[] {
  if (!step) return [];
  const { when, optional } = step;
  return [awaitedText(step), when === "" ? "" : `when ${when}`, optional ? "optional" : ""].filter(Boolean);
}

function awaitedText({ dependencies, join }: PlanStep): string {
  const awaited = dependencies.join(", ");
  switch (join) {
    case Join.ANY:
      return `← any of ${awaited}`;
    case Join.DONE:
      return `← ${awaited}, however they end`;
    default:
      return dependencies.length > 1 ? `← ${awaited}` : "";
  }
}

function markOf(isCyclic: boolean, isCritical: boolean) {
  if (isCyclic) return spanOf("✗ ", "red");
  return isCritical ? spanOf("● ", "cyan") : spanOf("○ ", "dim");
}

function batchLines({ batches }: ExecutionPlan, columns: number): readonly Line[] {
  const digits = String(batches.length).length;
  const lines = batches.flatMap(({ stepIds }, index) =>
    listLines(spanOf(`  ${String(index + 1).padStart(digits)}  `, "dim"), stepIds.join(", "), columns),
  );
  return lines.length > 0 ? [lineOf("Batches", "bold"), ...lines] : [];
}

function criticalLines({ criticalPath }: ExecutionPlan, columns: number): readonly Line[] {
  if (criticalPath.length === 0) return [];
  return listLines(spanOf("Critical path  ", "bold"), criticalPath.join(" → "), columns, "cyan");
}

/** The first step stands at both ends, so that the circle closes before the reader's eyes. */
function cycleLines({ cycles }: ExecutionPlan, columns: number): readonly Line[] {
  return cycles.flatMap(({ stepIds }) => {
    const circle = [...stepIds, ...stepIds.slice(0, 1)];
    return listLines(spanOf("Cycle  ", ["red", "bold"]), circle.join(" → "), columns, "red");
  });
}

function listLines(label: Span, list: string, columns: number, style?: Style): readonly Line[] {
  return wrapLine([label, spanOf(list, style)], columns, textWidth(label.text));
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
