import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { MethodDefinition } from "@grpc/grpc-js";

export type Input<M extends DescMethod> = MessageShape<M["input"]>;
export type InputInit<M extends DescMethod> = MessageInitShape<M["input"]>;
export type Output<M extends DescMethod> = MessageShape<M["output"]>;
export type OutputInit<M extends DescMethod> = MessageInitShape<M["output"]>;

/** The methods of a service that have the given kind, by their local name. */
export type MethodsOf<S extends DescService> = S["method"];

/** "weft.x.v1.Service/Method": what policies and logs call a method. */
export function actionOf(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}

/** A protobuf-es method as grpc-js wants it; `Out` and `In` as seen from the client. */
export function grpcMethod(method: DescMethod): MethodDefinition<object, object> {
  const request = codec(method.input);
  const response = codec(method.output);
  return {
    path: `/${actionOf(method)}`,
    requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
    responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
    requestSerialize: request.serialize,
    requestDeserialize: request.deserialize,
    responseSerialize: response.serialize,
    responseDeserialize: response.deserialize,
  };
}

type Codec = {
  readonly serialize: (message: object) => Buffer;
  readonly deserialize: (bytes: Buffer) => object;
};

/** grpc-js wants a Buffer; wrapping the bytes does not copy them. `create` passes a finished message through. */
function codec(schema: DescMessage): Codec {
  return {
    serialize(message) {
      const bytes = toBinary(schema, create(schema, message as MessageInitShape<DescMessage>));
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    deserialize: (bytes) => fromBinary(schema, bytes),
  };
}
