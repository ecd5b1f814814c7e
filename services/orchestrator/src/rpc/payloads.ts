import { create } from "@bufbuild/protobuf";
import {
  type Payload,
  PayloadDigestSchema,
  PayloadForm,
  PayloadSchema,
} from "@weft/proto/weft/workflow/v1/payload_pb";
import { digestOf } from "../app/payload-digest.ts";
import type { PayloadDigest } from "../app/store.ts";
import { checkedJson, type Json, jsonOf, parsed } from "../core/json.ts";
import type { Problem } from "../core/problem.ts";
import { jsonOfValue, valueOfJson } from "./values.ts";

const jsonType = "application/json";
const nullJson = jsonOf(null);

/** The JSON of a payload that came in; a missing one is null. */
export function jsonOfPayload(payload: Payload | undefined, field: string): Json | Problem {
  if (!payload?.content.case) return nullJson;
  if (payload.contentType !== "" && payload.contentType !== jsonType)
    return { field: `${field}.content_type`, message: `must be empty or ${jsonType}` };
  if (payload.content.case === "digest")
    return { field: `${field}.digest`, message: "is for answers; give the value itself as json or data" };
  if (payload.content.case === "json") return jsonOf(jsonOfValue(payload.content.value, `${field}.json`));
  const { value } = payload.content;
  const text = Buffer.from(value.buffer, value.byteOffset, value.length).toString("utf8");
  return checkedJson(text) ?? { field: `${field}.data`, message: "must be UTF-8 JSON text" };
}

/** In the form that the caller asked for; undefined when it wants none. */
export function payloadOf(json: Json | undefined, form: PayloadForm): Payload | undefined {
  if (!json || form === PayloadForm.OMIT) return undefined;
  if (form === PayloadForm.DATA)
    return {
      $typeName: "weft.workflow.v1.Payload",
      content: { case: "data", value: Buffer.from(json.text) },
      contentType: jsonType,
    };
  if (form === PayloadForm.DIGEST) return digestPayload(digestOf(json.text));
  const value = valueOfJson(parsed(json));
  return create(PayloadSchema, { content: { case: "json", value }, contentType: jsonType });
}

export function digestPayload({ bytes, sha256 }: PayloadDigest): Payload {
  const value = create(PayloadDigestSchema, { bytes: BigInt(bytes), sha256 });
  return create(PayloadSchema, { content: { case: "digest", value }, contentType: jsonType });
}
