import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { GetExecutionResponseSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { type Payload, PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { type Line, spanOf } from "../render/line.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { writeText, writeWrapped } from "../terminal/screen.ts";
import type { ExecutionView } from "./execution-view.ts";

/** Prints what an execution has come to: its result on standard output, why it failed on standard error. */
export async function printResult(view: ExecutionView, context: Context): Promise<ExitCode> {
  const { connection, namespace, out, err, form } = context;
  const { executionId, state } = view;
  const response = await connection
    .orchestrator()
    .call((client, options) =>
      client.getExecution({ namespace, executionId, payloads: PayloadForm.JSON }, options),
    );
  // Between the tree and what is said of it.
  if (err.isLive && out.isLive) writeText(err, "");
  if (form === "json") writeDocument(out, GetExecutionResponseSchema, response);
  else if (state.status === "succeeded") writeText(out, payloadText(response.execution?.output));
  writeWrapped(err, failureLines(view), 2);
  return exitCodeOf(state.status);
}

/** How a command ends that has followed an execution up to this state. */
export function exitCodeOf(status: ExecutionView["state"]["status"]): ExitCode {
  switch (status) {
    case "succeeded":
      return exitCodes.succeeded;
    case "failed":
      return exitCodes.failed;
    case "cancelled":
      return exitCodes.cancelled;
    case "running":
    case "paused":
    case "cancelling":
      return exitCodes.other;
  }
}

/** A payload for people and for jq. */
export function payloadText(payload: Payload | undefined): string {
  switch (payload?.content.case) {
    case "json":
      return JSON.stringify(toJson(ValueSchema, payload.content.value), null, 2);
    case "data":
      return new TextDecoder().decode(payload.content.value);
    default:
      return "null";
  }
}

/** In full: the tree may have had to cut them. */
function failureLines({ state, steps }: ExecutionView): readonly Line[] {
  if (state.status !== "failed") return [];
  const failed = [...steps.values()].flatMap(({ id, state: step }) =>
    step.status === "failed" ? [errorLine(`step ${id}`, step.failure)] : [],
  );
  return failed.length > 0 ? failed : [errorLine("the execution", state.failure)];
}

function errorLine(what: string, failure: string): Line {
  return [spanOf(`${what} failed`, "red"), spanOf(`: ${failure}`)];
}
