import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { AttachRequest, AttachResponseSchema } from "@weft/proto/weft/registry/v1/registry_pb";
import type { ServerDuplex } from "@weft/runtime/grpc";
import type { AgentRegistry, Attachment } from "../app/agent-registry.ts";
import { isRejection, type Rejection, rejection } from "../core/rejection.ts";
import { toRegistration } from "./mapping.ts";
import { toRpcError } from "./rejection-codes.ts";

type AttachStream = ServerDuplex<AttachRequest, MessageInitShape<typeof AttachResponseSchema>>;
type Message = AttachRequest["message"];

/** One agent's stream: a registration, then heartbeats. Messages that this release does not know are ignored. */
export function serveAttach(registry: AgentRegistry, stream: AttachStream): void {
  let attachment: Attachment | undefined;
  const refuse = (reason: Rejection): void => stream.fail(toRpcError(reason));
  stream.onMessage(({ message }) => {
    if (attachment) return proceed(registry, stream, attachment, message);
    const attached = register(registry, message, refuse);
    if (isRejection(attached)) return refuse(attached);
    attachment = attached;
    const { incarnation: registryIncarnation, leaseMs } = registry;
    const value = { registryIncarnation, lease: durationFromMs(leaseMs) };
    stream.write({ message: { case: "attached", value } });
  });
  stream.onEnd((error) => {
    if (!error) attachment?.end();
    stream.end();
  });
  stream.onClose(() => attachment?.lose());
}

function register(registry: AgentRegistry, message: Message, refuse: (reason: Rejection) => void) {
  return message.case === "registration"
    ? registry.attach(toRegistration(message.value), refuse)
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
  const { freeSlots, draining } = message.value;
  if (!attachment.beat({ freeSlots, draining })) return;
  const value = { lease: durationFromMs(registry.leaseMs) };
  stream.write({ message: { case: "leaseRenewed", value } });
}
