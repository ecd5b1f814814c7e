import { createHash } from "node:crypto";
import { toJson } from "@bufbuild/protobuf";
import {
  type StartExecutionRequest,
  StartExecutionRequestSchema,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { UnaryContext } from "@weft/runtime/grpc";
import type { StartRequest } from "../app/starts.ts";
import { canonicalText, type JsonValue } from "../core/json.ts";
import { readTraceContext } from "../core/trace-context.ts";
import { sourceOf } from "./definitions.ts";
import { namespaceOf } from "./namespaces.ts";
import { jsonOfPayload } from "./payloads.ts";
import { badRequest } from "./rejection-codes.ts";

/** Who starts executions, and the trace that they do it in. */
export type Caller = Pick<StartRequest, "createdBy" | "trace">;

export function callerOf({ principal, header }: Pick<UnaryContext, "principal" | "header">): Caller {
  const trace = readTraceContext(header("traceparent"), header("tracestate"));
  return { createdBy: principal.name, ...(trace ? { trace } : {}) };
}

/** Throws INVALID_ARGUMENT for what the app could not even read. */
export function startOf(message: StartExecutionRequest, caller: Caller): StartRequest {
  const { requestId, labels } = message;
  const input = jsonOfPayload(message.input, "input");
  if ("field" in input) throw badRequest([input]);
  return {
    namespace: namespaceOf(message),
    requestId,
    digest: () => digestOf(message),
    workflow: workflowOf(message),
    input,
    labels,
    ...caller,
  };
}

function workflowOf({ workflow }: StartExecutionRequest): StartRequest["workflow"] {
  switch (workflow.case) {
    case "reference": {
      const { name, version } = workflow.value;
      return { kind: "reference", name, ...(version === 0 ? {} : { version }) };
    }
    case "source":
      return { kind: "source", source: sourceOf(workflow.value) };
    default:
      throw badRequest([{ field: "workflow", message: "must be a reference or a source" }]);
  }
}

/** Of the request as it was received, whatever order its maps came in. */
function digestOf(message: StartExecutionRequest): string {
  const text = canonicalText(toJson(StartExecutionRequestSchema, message) as JsonValue);
  return createHash("sha256").update(text).digest("hex");
}
