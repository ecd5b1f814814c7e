import { GetExecutionResponseSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { Execution } from "@weft/proto/weft/workflow/v1/execution_pb";
import { type Failure, type Payload, PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { command, required } from "../arguments/command.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { treeIfKnown } from "../graph/tree.ts";
import { plannedDependencies } from "../progress/open-view.ts";
import { payloadText } from "../progress/result.ts";
import { viewOfExecution } from "../progress/view-of-execution.ts";
import { executionLines } from "../render/execution-lines.ts";
import { labelText } from "../render/execution-table.ts";
import { failureText } from "../render/failure-text.ts";
import { type Line, lineOf, spanOf, wrapLine } from "../render/line.ts";
import { dateTime, msOf } from "../render/time.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { columnsOf, writeLines } from "../terminal/screen.ts";

const labelColumns = 10;

/** `weft get`: all there is to know of one execution. */
export const getCommand = command({
  name: "get",
  group: "Executions:",
  summary: "Show an execution: steps, input, result",
  arguments: { execution: required("its id") },
  options: {},
  examples: [
    ["weft get 000-0mf3k9x2a-1f9c…", "as it is now"],
    ["weft get 000-0mf3k9x2a-1f9c… -o json", "with each step's input and output"],
  ],
  async run({ arguments: { execution: executionId } }, context) {
    const { connection, namespace, out, form } = context;
    const response = await connection
      .orchestrator()
      .call((client, options) =>
        client.getExecution({ namespace, executionId, payloads: PayloadForm.JSON }, options),
      );
    if (form === "json") writeDocument(out, GetExecutionResponseSchema, response);
    else if (response.execution) writeLines(out, await pageOf(response.execution, context));
    return exitCodes.succeeded;
  },
});

async function pageOf(execution: Execution, { connection, clock, out }: Context): Promise<readonly Line[]> {
  const view = viewOfExecution(execution, await plannedDependencies(execution, connection));
  const moment = { nowMs: clock.now(), waiting: new Map<string, string>() };
  const columns = columnsOf(out);
  const size = { columns, rows: Number.POSITIVE_INFINITY };
  const { input, output, failure } = execution;
  return [
    ...executionLines(view, treeIfKnown([...view.steps.values()]), moment, size),
    [],
    ...factLines(execution),
    ...(failure ? wrapLine(failureLine(failure), columns, labelColumns) : []),
    ...payloadLines("input", input),
    ...payloadLines("output", output),
  ];
}

function failureLine(failure: Failure): Line {
  return [spanOf("failure".padEnd(labelColumns), "dim"), spanOf(failureText(failure), "red")];
}

function factLines(execution: Execution): readonly Line[] {
  const { startTime, endTime, createdBy, labels, pause, deadlineTime } = execution;
  const facts: readonly (readonly [string, string])[] = [
    ["started", `${whenText(startTime)}${createdBy === "" ? "" : ` by ${createdBy}`}`],
    ["paused", pause ? `${whenText(pause.since)} by ${pause.requestedBy}` : ""],
    ["times out", endTime ? "" : whenText(deadlineTime)],
    ["ended", whenText(endTime)],
    ["labels", labelText(labels)],
  ];
  return facts
    .filter(([, value]) => value !== "")
    .map(([name, value]) => [spanOf(name.padEnd(labelColumns), "dim"), spanOf(value)]);
}

function whenText(time: Execution["startTime"]): string {
  const ms = msOf(time);
  return ms === undefined ? "" : dateTime(ms);
}

function payloadLines(name: string, payload: Payload | undefined): readonly Line[] {
  if (!payload) return [];
  const [first = "", ...others] = payloadText(payload).split("\n");
  return [
    [spanOf(name.padEnd(labelColumns), "dim"), spanOf(first)],
    ...others.map((line) => lineOf(" ".repeat(labelColumns) + line)),
  ];
}
