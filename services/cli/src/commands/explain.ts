import { ExplainExecutionResponseSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { command, required } from "../arguments/command.ts";
import { exitCodes } from "../exit-code.ts";
import { explanationLines } from "../render/explanation-lines.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { writeWrapped } from "../terminal/screen.ts";

/** `weft explain`: why an execution has not ended. */
export const explainCommand = command({
  name: "explain",
  group: "Executions:",
  summary: "Say what an execution waits for",
  details: `A line for each step that has not ended, with what it waits for: other steps, an agent, the time of its next
attempt, the answer of the agent that has it, or somebody who completes it.`,
  arguments: { execution: required("its id") },
  options: {},
  examples: [
    ["weft explain 000-0mf3k9x2a-1f9c…", "why does it not go on?"],
    ["weft explain 000-0mf3k9x2a-1f9c… -o json", "the same for a program"],
  ],
  async run({ arguments: { execution: executionId } }, context) {
    const { connection, namespace, clock, out, form } = context;
    const response = await connection
      .orchestrator()
      .call((client, options) => client.explainExecution({ namespace, executionId }, options));
    if (form === "json") writeDocument(out, ExplainExecutionResponseSchema, response);
    else writeWrapped(out, explanationLines(response, clock.now()), 4);
    return exitCodes.succeeded;
  },
});
