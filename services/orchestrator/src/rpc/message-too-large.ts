import { Code, MessageTooLarge, messageBytesMax, RpcError } from "@weft/runtime/grpc";

/** What was asked for fits into no message. */
export function messageTooLarge(what: string, advice: string): RpcError {
  return new RpcError(
    Code.RESOURCE_EXHAUSTED,
    `${what}; the limit of a message is ${messageBytesMax}: ${advice}`,
    { reason: "MESSAGE_TOO_LARGE" },
  );
}

/** For the answer of any method; undefined for another error. */
export function errorOfLargeAnswer(error: unknown): RpcError | undefined {
  if (!(error instanceof MessageTooLarge)) return undefined;
  return messageTooLarge(
    `the answer has ${error.bytes} bytes`,
    "ask without payloads (PAYLOAD_FORM_OMIT) or for a smaller page; ListEvents pages through an execution",
  );
}
