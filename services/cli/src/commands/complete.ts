import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@weft/proto/google/rpc/code_pb";
import {
  type CompleteStepRequestSchema,
  CompleteStepResponseSchema,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { command, required } from "../arguments/command.ts";
import { text, texts } from "../arguments/option.ts";
import { payloadOf, readPayload } from "../arguments/payload-argument.ts";
import { usageError } from "../command-error.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { lineOf } from "../render/line.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { writeLines } from "../terminal/screen.ts";

/** `weft complete`: ends a step whose handler has answered "later". */
export const completeCommand = command({
  name: "complete",
  group: "Executions:",
  summary: "Complete a step that waits to be completed",
  details: `Ends the attempt of a step whose handler has answered "later", with an output or a failure. The token is what
the handler was given; weft explain shows it too. A failure is retried as the step's policy says.`,
  arguments: { token: required("of the attempt: w1.…") },
  options: {
    result: texts(
      "json|@file|key=value",
      "the step's output (default null); keys of several are merged",
      "r",
    ),
    fail: text("code", "fail the attempt instead, with a code such as FAILED_PRECONDITION"),
    message: text("text", "with --fail: why"),
  },
  examples: [
    ["weft complete w1.MDAwLTBt… -r approved=true", "the step succeeds with an object"],
    ["weft complete w1.MDAwLTBt… -r @answer.json", "with what a file holds"],
    ['weft complete w1.MDAwLTBt… --fail PERMISSION_DENIED --message "not this week"', "it fails"],
  ],
  async run({ arguments: { token }, options }, context) {
    const { connection, namespace, out, form } = context;
    const outcome = await outcomeOf(options, context);
    const response = await connection
      .orchestrator()
      .call((client, callOptions) => client.completeStep({ namespace, token, outcome }, callOptions));
    if (form === "json") writeDocument(out, CompleteStepResponseSchema, response);
    else if (outcome.case === "failure") writeLines(out, [lineOf("the attempt has failed")]);
    else writeLines(out, [lineOf("the step is completed")]);
    return exitCodes.succeeded;
  },
});

type Given = {
  readonly result: readonly string[];
  readonly fail: string | undefined;
  readonly message: string | undefined;
};

type Outcome = NonNullable<MessageInitShape<typeof CompleteStepRequestSchema>["outcome"]>;

async function outcomeOf({ result, fail, message }: Given, context: Context): Promise<Outcome> {
  if (fail !== undefined && result.length > 0)
    throw usageError("--fail and --result exclude one another: a step succeeds or fails");
  if (fail !== undefined) return { case: "failure", value: { code: codeOf(fail), message: message ?? "" } };
  if (message !== undefined) throw usageError("--message says why a step fails: give --fail too");
  const value = (await readPayload(result, "--result", context)) ?? null;
  return { case: "output", value: payloadOf(value) };
}

/** The contract's numbers by name; to fail with OK would be neither. */
const codes = new Map(Object.entries(Code).filter(([, code]) => code !== Code.OK));

function codeOf(name: string): Code {
  const code = codes.get(name.toUpperCase());
  if (code !== undefined) return code;
  throw usageError(`--fail ${name}: expected one of ${[...codes.keys()].join(", ")}`);
}
