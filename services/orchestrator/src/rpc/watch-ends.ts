import { Code, RpcError } from "@weft/runtime/grpc";

const retryAfterMs = 500;

export function stopping(): RpcError {
  return new RpcError(Code.UNAVAILABLE, "the orchestrator is stopping; watch again", {
    reason: "STOPPING",
    retryAfterMs,
  });
}

/** `then` is what the reader can do. */
export function tooSlow(then: string): RpcError {
  return new RpcError(Code.RESOURCE_EXHAUSTED, `the reader fell too far behind; ${then}`, {
    reason: "READER_TOO_SLOW",
  });
}

export function logUnreadable(): RpcError {
  return new RpcError(Code.UNAVAILABLE, "the log cannot be read; watch again", {
    reason: "LOG_UNREADABLE",
    retryAfterMs,
  });
}
