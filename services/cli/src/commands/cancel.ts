import { CancelExecutionResponseSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { command, required } from "../arguments/command.ts";
import { text } from "../arguments/option.ts";
import { exitCodes } from "../exit-code.ts";
import { lineOf } from "../render/line.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { writeLines } from "../terminal/screen.ts";

/** `weft cancel`: asks an execution to stop. */
export const cancelCommand = command({
  name: "cancel",
  group: "Executions:",
  summary: "Cancel an execution",
  details:
    "No step starts any more, and running handlers are told to stop. The request is durable when this ends.",
  arguments: { execution: required("its id") },
  options: { reason: text("text", "recorded, and handed to the running handlers") },
  examples: [['weft cancel 000-0mf3k9x2a-1f9c… --reason "wrong input"', "and see who asked in: weft events"]],
  async run({ arguments: { execution: executionId }, options: { reason = "" } }, context) {
    const { connection, namespace, out, form } = context;
    const response = await connection
      .orchestrator()
      .call((client, options) => client.cancelExecution({ namespace, executionId, reason }, options));
    if (form === "json") writeDocument(out, CancelExecutionResponseSchema, response);
    else writeLines(out, [lineOf(`${executionId} is being cancelled`)]);
    return exitCodes.succeeded;
  },
});
