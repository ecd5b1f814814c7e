import { ValidateWorkflowResponseSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { command, required } from "../arguments/command.ts";
import { readDefinition } from "../arguments/workflow-argument.ts";
import { validate } from "../checked-definition.ts";
import { exitCodes } from "../exit-code.ts";
import { lineOf } from "../render/line.ts";
import { problemCount, problemLines } from "../render/problem-lines.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { writeLines, writeWrapped } from "../terminal/screen.ts";

/** `weft validate`: all that is wrong with a definition, at once. */
export const validateCommand = command({
  name: "validate",
  group: "Definitions:",
  summary: "Tell every mistake in a definition",
  details: "Nothing is stored. Each line names the file and line, the field, and what is wrong with it.",
  arguments: { file: required("the definition, in YAML or JSON; - is standard input") },
  options: {},
  examples: [
    ["weft validate flow.yaml", "all mistakes and warnings"],
    ["weft validate flow.yaml -o json", "the same for a program"],
  ],
  async run({ arguments: { file } }, context) {
    const definition = await readDefinition(file, context);
    const checked = await validate(definition, context);
    if (context.form === "json") writeDocument(context.out, ValidateWorkflowResponseSchema, checked);
    else {
      writeWrapped(context.out, problemLines(definition.file, checked), 4);
      const count = problemCount(checked);
      writeLines(context.out, [checked.valid ? [...lineOf(`${definition.file}: `), ...count] : count]);
    }
    return checked.valid ? exitCodes.succeeded : exitCodes.invalid;
  },
});
