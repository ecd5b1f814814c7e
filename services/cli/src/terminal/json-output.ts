import { type DescMessage, type JsonObject, type MessageShape, toJson } from "@bufbuild/protobuf";
import { type Screen, writeText } from "./screen.ts";

/** A message of ours as protobuf JSON, every field shown, even one with its default. */
export function documentOf<S extends DescMessage>(schema: S, message: MessageShape<S>): JsonObject {
  return toJson(schema, message, { alwaysEmitImplicit: true }) as JsonObject;
}

/** One document. */
export function writeDocument<S extends DescMessage>(out: Screen, schema: S, message: MessageShape<S>): void {
  writeJson(out, documentOf(schema, message));
}

export function writeJson(out: Screen, document: unknown): void {
  writeText(out, JSON.stringify(document, null, 2));
}

/** One line of a stream. */
export function writeRecord<S extends DescMessage>(out: Screen, schema: S, message: MessageShape<S>): void {
  writeText(out, JSON.stringify(documentOf(schema, message)));
}
