import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { AttachRequest, AttachResponseSchema } from "@weft/proto/weft/registry/v1/registry_pb";
import type { ServerDuplex } from "@weft/runtime/grpc";
import type { AgentRegistry } from "../app/agent-registry.ts";
import type { AgentStream, Attachment } from "../app/attachment.ts";
import { isRejection, rejection } from "../core/rejection.ts";
import { toLoad, toRegistration } from "./mapping.ts";
import { toRpcError } from "./rejection-codes.ts";

type AttachStream = ServerDuplex<AttachRequest, MessageInitShape<typeof AttachResponseSchema>>;
type Message = AttachRequest["message"];

/** One agent's stream: a registration, then heartbeats. Messages that this release does not know are ignored. */
export function serveAttach(registry: AgentRegistry, stream: AttachStream): void {
  let attachment: Attachment | undefined;
  const agentStream: AgentStream = {
    end: (reason) => stream.fail(toRpcError(reason)),
    drain: () => void stream.write({ message: { case: "leaseRenewed", value: { drain: true } } }),
  };
  stream.onMessage(({ message }) => {
    if (attachment) return proceed(registry, stream, attachment, message);
    const attached = register(registry, message, agentStream);
    if (isRejection(attached)) return agentStream.end(attached);
    attachment = attached;
    const { incarnation: registryIncarnation, leaseMs } = registry;
    const value = { registryIncarnation, lease: durationFromMs(leaseMs), drain: attached.draining };
    stream.write({ message: { case: "attached", value } });
  });
  stream.onEnd((error) => {
    if (!error) attachment?.end();
    stream.end();
  });
  stream.onClose(() => attachment?.lose());
}

function register(registry: AgentRegistry, message: Message, stream: AgentStream) {
  return message.case === "registration"
    ? registry.attach(toRegistration(message.value), stream)
    : rejection("REGISTRATION_EXPECTED", "the first message must be a registration");
}

function proceed(
  registry: AgentRegistry,
  stream: AttachStream,
  attachment: Attachment,
  message: Message,
): void {
  if (message.case === "registration") {
    const twice = rejection("REGISTRATION_EXPECTED", "a stream carries one registration, its first message");
    return stream.fail(toRpcError(twice));
  }
  if (message.case !== "heartbeat") return;
  const standing = attachment.beat(toLoad(message.value));
  if (!standing) return;
  const value = { lease: durationFromMs(registry.leaseMs), drain: standing.draining };
  stream.write({ message: { case: "leaseRenewed", value } });
}
