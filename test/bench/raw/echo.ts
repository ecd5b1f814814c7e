import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { MethodDefinition } from "@grpc/grpc-js";
import { type Payload, PayloadSchema } from "@weft/proto/weft/workflow/v1/payload_pb";

/** As in every workload, 512 bytes. */
export const echoPayload: Payload = create(PayloadSchema, {
  content: { case: "data", value: Buffer.alloc(512, "x") },
});

function serialize(message: Payload): Buffer {
  const bytes = toBinary(PayloadSchema, message);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function deserialize(bytes: Buffer): Payload {
  return fromBinary(PayloadSchema, bytes);
}

function method(name: string, isStream: boolean): MethodDefinition<Payload, Payload> {
  return {
    path: `/weft.bench.EchoService/${name}`,
    requestStream: isStream,
    responseStream: isStream,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
  };
}

/** Plain grpc-js with protobuf-es messages, as any service on this stack has them. */
export const echoMethods = { unary: method("Unary", false), bidi: method("Bidi", true) };

/** Whether a message came back whole. */
export function isEcho({ content }: Payload): boolean {
  return content.case === "data" && content.value.length === 512;
}
