import { StartExecutionResponseSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { command, required } from "../arguments/command.ts";
import { startOptions, startRequest } from "../arguments/start-options.ts";
import { parseWorkflow, readDefinition } from "../arguments/workflow-argument.ts";
import { isSound, sourceOf } from "../checked-definition.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { lineOf } from "../render/line.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { writeLines, writeText } from "../terminal/screen.ts";

/** `weft start`: starts an execution and leaves. */
export const startCommand = command({
  name: "start",
  group: "Executions:",
  summary: "Start an execution and print its id",
  details:
    "The execution is durable before the id is printed, and goes on whatever happens to this terminal.",
  arguments: { workflow: required("a registered name or name@version, or a file (- is standard input)") },
  options: startOptions,
  examples: [
    ["weft start report --input path=.", "the newest version of a registered workflow"],
    ["weft start report@3 -i @input.json", "a version; the input from a file"],
    ["weft start ./flow.yaml --label team=docs", "a definition that is not registered"],
    ["weft start report --request-id nightly-0131", "at most once, however often it is typed"],
  ],
  async run({ arguments: { workflow }, options }, context) {
    const source = await workflowOf(workflow, context);
    if (!source) return exitCodes.invalid;
    const request = await startRequest(source, options, context);
    const started = await context.connection
      .orchestrator()
      .call((client, callOptions) => client.startExecution(request, callOptions));
    if (context.form === "json") writeDocument(context.out, StartExecutionResponseSchema, started);
    else {
      writeText(context.out, started.executionId);
      writeLines(context.err, [lineOf(`follow it with: weft watch ${started.executionId}`, "dim")]);
    }
    return exitCodes.succeeded;
  },
});

/** Undefined when it is a definition with mistakes: they have been told. */
async function workflowOf(given: string, context: Context) {
  const workflow = parseWorkflow(given);
  if (workflow.kind === "reference") {
    const { name, version } = workflow;
    return { case: "reference", value: { name, version } } as const;
  }
  const definition = await readDefinition(workflow.file, context);
  if (!(await isSound(definition, context))) return undefined;
  return { case: "source", value: sourceOf(definition) } as const;
}
