import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { ExecuteRequest, ExecuteResponse } from "@weft/proto/weft/agent/v1/agent_pb";
import { Code, RpcError, type UnaryContext } from "@weft/runtime/grpc";
import { assertNever } from "./core/assert-never.ts";
import type { RejectionReason } from "./core/effect.ts";
import { type Failure, laterUnsupported } from "./core/outcome.ts";
import type { ExecuteAnswer, Worker } from "./worker.ts";

/** One step in a unary call, through the same slots as the sessions' dispatches. */
export async function execute(
  worker: Worker,
  request: ExecuteRequest,
  { onClose }: Pick<UnaryContext, "onClose">,
): Promise<ExecuteResponse> {
  const { dispatchId, idempotencyKey, capability, namespace, workflow, input } = request;
  const { traceparent, tracestate } = request;
  if (dispatchId === "")
    throw new RpcError(Code.INVALID_ARGUMENT, "dispatch_id is required", {
      violations: [{ field: "dispatch_id", description: "an id that is unique for ever" }],
    });
  let waiting = true;
  onClose(() => waiting && worker.apply({ kind: "execute.abandoned", dispatchId }));
  const answer = await worker.execute({
    dispatchId,
    shard: 0,
    epoch: 0n,
    capability,
    namespace,
    workflow,
    input: Buffer.from(JSON.stringify(input ? toJson(ValueSchema, input) : null)),
    timeLeftMs: 0n,
    traceparent,
    tracestate,
    ...(idempotencyKey === "" ? {} : { idempotencyKey }),
  });
  waiting = false;
  return { $typeName: "weft.agent.v1.ExecuteResponse", output: fromJson(ValueSchema, outputOf(answer)) };
}

function outputOf(answer: ExecuteAnswer): JsonValue {
  if (answer.kind === "execute.rejected") throw rejection(answer.reason);
  const { outcome } = answer;
  switch (outcome.status) {
    case "succeeded":
      return JSON.parse(Buffer.from(outcome.output).toString()) as JsonValue;
    case "failed":
      throw errorOf(outcome.failure);
    case "later":
      throw errorOf(laterUnsupported("a unary Execute"));
    default:
      return assertNever(outcome);
  }
}

const rejections: Readonly<Record<RejectionReason, readonly [Code, string]>> = {
  FULL: [Code.RESOURCE_EXHAUSTED, "no slot is free, or the dispatch is running"],
  DRAINING: [Code.UNAVAILABLE, "the agent is draining"],
  UNKNOWN_CAPABILITY: [Code.UNIMPLEMENTED, "the agent has no such capability"],
  FENCED: [Code.ABORTED, "an owner with a higher epoch has claimed the shard"],
};

function rejection(reason: RejectionReason): RpcError {
  const [code, message] = rejections[reason];
  return new RpcError(code, message, { reason });
}

function errorOf({ code, message, retryable, retryAfterMs, reason }: Failure): RpcError {
  return new RpcError(Code[code], message, {
    reason: reason ?? code,
    ...(retryable === undefined ? {} : { metadata: { retryable: String(retryable) } }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
