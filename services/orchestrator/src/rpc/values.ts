import { fromJson, type JsonValue as ProtoJson, toJson } from "@bufbuild/protobuf";
import { type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import type { JsonValue } from "../core/json.ts";
import { badRequest } from "./rejection-codes.ts";

/** Throws INVALID_ARGUMENT for what JSON cannot hold: a Value without a kind, a number that is not finite. */
export function jsonOfValue(value: Value, field: string): JsonValue {
  try {
    return toJson(ValueSchema, value) as JsonValue;
  } catch {
    throw badRequest([{ field, message: "must be JSON: every value with a kind, every number finite" }]);
  }
}

export function valueOfJson(json: JsonValue): Value {
  return fromJson(ValueSchema, json as ProtoJson);
}
