import {
  type PlanWorkflowResponse,
  PlanWorkflowResponseSchema,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { command, required } from "../arguments/command.ts";
import { parseWorkflow, readDefinition } from "../arguments/workflow-argument.ts";
import { sourceOf, validate } from "../checked-definition.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { planLines } from "../render/plan-lines.ts";
import { problemCount, problemLines } from "../render/problem-lines.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { columnsOf, writeLines, writeWrapped } from "../terminal/screen.ts";

/** `weft plan`: what a definition will do. */
export const planCommand = command({
  name: "plan",
  group: "Definitions:",
  summary: "Show what a workflow will do, and in which order",
  details: "Nothing runs. Cycles are shown with the steps in them, and end the command with 2.",
  arguments: { workflow: required("a file (- is standard input), or a registered name or name@version") },
  options: {},
  examples: [
    ["weft plan flow.yaml", "before it is registered"],
    ["weft plan flow@3", "a registered version"],
  ],
  async run({ arguments: { workflow } }, context) {
    const response = await planned(workflow, context);
    if (!response) return exitCodes.invalid;
    const { plan } = response;
    if (context.form === "json") writeDocument(context.out, PlanWorkflowResponseSchema, response);
    else if (plan) writeLines(context.out, planLines(workflow, plan, columnsOf(context.out)));
    return plan?.hasCycles ? exitCodes.invalid : exitCodes.succeeded;
  },
});

/** Undefined when the definition has mistakes other than cycles: they have been told. */
async function planned(given: string, context: Context): Promise<PlanWorkflowResponse | undefined> {
  const { connection, namespace } = context;
  const { call } = connection.orchestrator();
  const workflow = parseWorkflow(given);
  if (workflow.kind === "reference") {
    const { name, version } = workflow;
    const reference = { case: "reference", value: { name, version } } as const;
    return call((client, options) => client.planWorkflow({ namespace, workflow: reference }, options));
  }
  const definition = await readDefinition(workflow.file, context);
  const source = { case: "source", value: sourceOf(definition) } as const;
  try {
    return await call((client, options) => client.planWorkflow({ namespace, workflow: source }, options));
  } catch (error) {
    // Mistakes are better told with their lines, which a refused plan does not have.
    const checked = await validate(definition, context);
    if (checked.valid) throw error;
    writeWrapped(context.err, [...problemLines(definition.file, checked), problemCount(checked)], 4);
    return undefined;
  }
}
