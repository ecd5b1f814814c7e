import { PauseExecutionResponseSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { command, required } from "../arguments/command.ts";
import { text } from "../arguments/option.ts";
import { exitCodes } from "../exit-code.ts";
import { lineOf } from "../render/line.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { writeLines } from "../terminal/screen.ts";

/** `weft pause`: holds an execution where it is. */
export const pauseCommand = command({
  name: "pause",
  group: "Executions:",
  summary: "Pause an execution",
  details: `Nothing new is sent to agents, handlers that run finish, and every timeout but the heartbeat's stands still
until weft resume. The request is durable when this ends; to pause twice does no harm.`,
  arguments: { execution: required("its id") },
  options: { reason: text("text", "recorded, and shown to whoever looks") },
  examples: [['weft pause 000-0mf3k9x2a-1f9c… --reason "the index is down"', "weft resume lets it go on"]],
  async run({ arguments: { execution: executionId }, options: { reason = "" } }, context) {
    const { connection, namespace, out, form } = context;
    const response = await connection
      .orchestrator()
      .call((client, options) => client.pauseExecution({ namespace, executionId, reason }, options));
    if (form === "json") writeDocument(out, PauseExecutionResponseSchema, response);
    else writeLines(out, [lineOf(`${executionId} is paused`)]);
    return exitCodes.succeeded;
  },
});
