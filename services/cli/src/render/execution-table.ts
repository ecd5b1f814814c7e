import type { ExecutionSummary } from "@weft/proto/weft/workflow/v1/execution_pb";
import { executionStatus } from "./execution-status.ts";
import { type Line, lineOf } from "./line.ts";
import { type Column, tableLines } from "./table.ts";
import { agoText, durationText, msOf } from "./time.ts";

const table: readonly Column[] = [
  { title: "EXECUTION" },
  { title: "WORKFLOW", widthMin: 12 },
  { title: "STATUS" },
  { title: "STARTED", align: "right" },
  { title: "TOOK", align: "right" },
  { title: "LABELS", widthMin: 6 },
];

/** Executions as rows, or a sentence when there are none. */
export function executionTable(
  executions: readonly ExecutionSummary[],
  nowMs: number,
  columns: number,
): readonly Line[] {
  if (executions.length === 0) return [lineOf("no executions", "dim")];
  return tableLines(
    table,
    executions.map((execution) => row(execution, nowMs)),
    columns,
  );
}

function row(execution: ExecutionSummary, nowMs: number): readonly Line[] {
  const { executionId, workflow, workflowVersion, status, labels, startTime, endTime } = execution;
  const startedMs = msOf(startTime) ?? nowMs;
  return [
    lineOf(executionId),
    lineOf(`${workflow} v${workflowVersion}`, "bold"),
    [executionStatus(status)],
    lineOf(agoText(nowMs - startedMs)),
    lineOf(durationText((msOf(endTime) ?? nowMs) - startedMs)),
    lineOf(labelText(labels), "dim"),
  ];
}

/** "team=docs, urgent=yes" */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}
