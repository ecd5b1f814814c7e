import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ValidateWorkflowResponse } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { DefinitionSourceSchema } from "@weft/proto/weft/workflow/v1/definition_pb";
import type { DefinitionText } from "./arguments/workflow-argument.ts";
import type { Context } from "./context.ts";
import { problemCount, problemLines } from "./render/problem-lines.ts";
import { writeLines, writeWrapped } from "./terminal/screen.ts";

/** A definition as requests carry it: the text as its author wrote it. */
export function sourceOf({ text }: DefinitionText): MessageInitShape<typeof DefinitionSourceSchema> {
  return { source: { case: "document", value: text } };
}

/** Every mistake and warning of a definition, from the orchestrator. */
export function validate(
  definition: DefinitionText,
  { connection, namespace }: Context,
): Promise<ValidateWorkflowResponse> {
  return connection
    .orchestrator()
    .call((client, options) => client.validateWorkflow({ namespace, source: sourceOf(definition) }, options));
}

/** False when there are mistakes. Tells them and the warnings on standard error. */
export async function isSound(definition: DefinitionText, context: Context): Promise<boolean> {
  const checked = await validate(definition, context);
  writeWrapped(context.err, problemLines(definition.file, checked), 4);
  if (!checked.valid) writeLines(context.err, [problemCount(checked)]);
  return checked.valid;
}
