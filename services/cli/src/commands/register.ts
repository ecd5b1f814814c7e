import { RegisterWorkflowResponseSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { command, required } from "../arguments/command.ts";
import { readDefinition } from "../arguments/workflow-argument.ts";
import { isSound, sourceOf } from "../checked-definition.ts";
import { exitCodes } from "../exit-code.ts";
import { spanOf } from "../render/line.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { writeLines } from "../terminal/screen.ts";

/** `weft register`: stores a definition under its name and version. */
export const registerCommand = command({
  name: "register",
  group: "Definitions:",
  summary: "Store a definition by name and version",
  details: "A version never changes: to change a workflow, raise its version and register it again.",
  arguments: { file: required("the definition, in YAML or JSON; - is standard input") },
  options: {},
  examples: [["weft register flow.yaml", "then start it by name: weft start flow"]],
  async run({ arguments: { file } }, context) {
    const { connection, namespace, out, form } = context;
    const definition = await readDefinition(file, context);
    if (!(await isSound(definition, context))) return exitCodes.invalid;
    const registered = await connection
      .orchestrator()
      .call((client, options) =>
        client.registerWorkflow({ namespace, source: sourceOf(definition) }, options),
      );
    if (form === "json") writeDocument(out, RegisterWorkflowResponseSchema, registered);
    else {
      const { name, version, created } = registered;
      const what = spanOf(`${name} v${version}`, "bold");
      writeLines(out, [[what, spanOf(created ? " registered" : " was registered before, the same")]]);
    }
    return exitCodes.succeeded;
  },
});
