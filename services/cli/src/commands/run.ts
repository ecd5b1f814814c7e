import { StartExecutionResponseSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { command, required } from "../arguments/command.ts";
import { flag } from "../arguments/option.ts";
import { startOptions, startRequest } from "../arguments/start-options.ts";
import { type DefinitionText, readDefinition } from "../arguments/workflow-argument.ts";
import { isSound, sourceOf } from "../checked-definition.ts";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { type Dependencies, dependenciesOf, openView } from "../progress/open-view.ts";
import { printResult } from "../progress/result.ts";
import { type Control, showExecution } from "../progress/show-execution.ts";
import { lineOf } from "../render/line.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { writeLines, writeText } from "../terminal/screen.ts";

/** `weft run`: a definition from file to result. */
export const runCommand = command({
  name: "run",
  group: "Executions:",
  summary: "Run a definition, and show how it goes",
  details: `Checks the definition, starts it without registering it, and shows each step as it goes. The result is
printed on standard output, as JSON; everything else goes to standard error. Ctrl-C cancels the
execution; a second one leaves it to end by itself.`,
  arguments: { file: required("the definition, in YAML or JSON; - is standard input") },
  options: { ...startOptions, detach: flag("only start it, and print its id") },
  examples: [
    ["weft run flow.yaml --input path=.", "an object with one key"],
    [`weft run flow.yaml -i '{"path": "."}'`, "the same as JSON"],
    ["weft run flow.yaml -i @input.json -i path=src", "from a file, with one key replaced"],
    ["weft run flow.yaml > result.json", "progress on the terminal, the result in a file"],
  ],
  async run({ arguments: { file }, options }, context) {
    const definition = await readDefinition(file, context);
    if (!(await isSound(definition, context))) return exitCodes.invalid;
    const { call } = context.connection.orchestrator();
    const request = await startRequest({ case: "source", value: sourceOf(definition) }, options, context);
    const started = await call((client, callOptions) => client.startExecution(request, callOptions));
    if (!options.detach) return follow(started.executionId, definition, context);
    if (context.form === "json") writeDocument(context.out, StartExecutionResponseSchema, started);
    else writeText(context.out, started.executionId);
    return exitCodes.succeeded;
  },
});

async function follow(executionId: string, definition: DefinitionText, context: Context): Promise<ExitCode> {
  const view = await openView(executionId, context, await plannedDependencies(definition, context));
  let hasLeft = false;
  await showExecution(view, context, {
    footer: "Ctrl-C cancels it",
    onInterrupt: (count, control) => {
      if (count === 1) return cancel(executionId, context, control);
      hasLeft = true;
      control.leave();
    },
  });
  if (!hasLeft) return printResult(view, context);
  writeLines(context.err, [
    lineOf("left while it is being cancelled; see how it ends:", "yellow"),
    lineOf(`  weft watch ${executionId}`),
  ]);
  return exitCodes.other;
}

function cancel(executionId: string, { connection, namespace }: Context, { notice }: Control): void {
  notice("cancelling it: running steps are told to stop; Ctrl-C again leaves");
  connection
    .orchestrator()
    .call((client, options) =>
      client.cancelExecution({ namespace, executionId, reason: "interrupted at the terminal" }, options),
    )
    .catch((error: Error) => notice(`it can't be cancelled: ${error.message}; Ctrl-C again leaves`));
}

async function plannedDependencies(
  definition: DefinitionText,
  { connection, namespace }: Context,
): Promise<Dependencies> {
  const workflow = { case: "source", value: sourceOf(definition) } as const;
  const { plan } = await connection
    .orchestrator()
    .call((client, options) => client.planWorkflow({ namespace, workflow }, options));
  return dependenciesOf(plan?.steps ?? []);
}
