import { type DescMessage, type MessageShape, toJson } from "@bufbuild/protobuf";
import { type Screen, writeText } from "./screen.ts";

/** One document: the message as protobuf JSON, every field shown, even one with its default. */
export function writeDocument<S extends DescMessage>(out: Screen, schema: S, message: MessageShape<S>): void {
  writeText(out, JSON.stringify(toJson(schema, message, { alwaysEmitImplicit: true }), null, 2));
}

/** One line of a stream. */
export function writeRecord<S extends DescMessage>(out: Screen, schema: S, message: MessageShape<S>): void {
  writeText(out, JSON.stringify(toJson(schema, message, { alwaysEmitImplicit: true })));
}
