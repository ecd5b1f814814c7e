import { ResumeExecutionResponseSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { command, required } from "../arguments/command.ts";
import { exitCodes } from "../exit-code.ts";
import { lineOf } from "../render/line.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { writeLines } from "../terminal/screen.ts";

/** `weft resume`: lets a paused execution go on. */
export const resumeCommand = command({
  name: "resume",
  group: "Executions:",
  summary: "Let a paused execution go on",
  details:
    "What is due starts, and deadlines have moved by as long as the pause took. Harmless if it is not paused.",
  arguments: { execution: required("its id") },
  options: {},
  examples: [["weft resume 000-0mf3k9x2a-1f9c…", "and weft watch shows how it goes on"]],
  async run({ arguments: { execution: executionId } }, context) {
    const { connection, namespace, out, form } = context;
    const response = await connection
      .orchestrator()
      .call((client, options) => client.resumeExecution({ namespace, executionId }, options));
    if (form === "json") writeDocument(out, ResumeExecutionResponseSchema, response);
    else writeLines(out, [lineOf(`${executionId} goes on`)]);
    return exitCodes.succeeded;
  },
});
