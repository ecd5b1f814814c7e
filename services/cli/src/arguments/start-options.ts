import type { MessageInitShape } from "@bufbuild/protobuf";
import type { StartExecutionRequestSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { Context } from "../context.ts";
import { labels, text, texts } from "./option.ts";
import { payloadOf, readPayload } from "./payload-argument.ts";

/** What every command that starts an execution takes. */
export const startOptions = {
  input: texts("json|@file|key=value", "the execution's input; keys of several are merged", "i"),
  label: labels("put on the execution, to find it by"),
  requestId: text("id", "makes the start idempotent: the same id and body gives the same execution"),
};

type Given = {
  readonly input: readonly string[];
  readonly label: Readonly<Record<string, string>>;
  readonly requestId: string | undefined;
};

type StartRequest = MessageInitShape<typeof StartExecutionRequestSchema>;

/** The request to start `workflow`. */
export async function startRequest(
  workflow: NonNullable<StartRequest["workflow"]>,
  { input, label, requestId }: Given,
  context: Context,
): Promise<StartRequest> {
  const value = await readPayload(input, "--input", context);
  return {
    namespace: context.namespace,
    requestId: requestId ?? "",
    workflow,
    labels: { ...label },
    ...(value === undefined ? {} : { input: payloadOf(value) }),
  };
}
