/** Any JSON value. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A JSON object. Look its keys up with `Object.hasOwn`: any name may come from outside. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** JSON text that travels unparsed: it is stored, forwarded and spliced as it is. */
export type Json = { readonly text: string };

// Beside the objects and not in them, so that a Json stays plain data: equal when its text is equal.
const values = new WeakMap<Json, JsonValue>();

/** Takes text that is known to be valid JSON; whoever received it from outside has checked that. */
export function jsonText(text: string): Json {
  return { text };
}

/** Takes text from outside; undefined when it is not valid JSON. */
export function checkedJson(text: string): Json | undefined {
  try {
    JSON.parse(text);
    return { text };
  } catch {
    return undefined;
  }
}

/** The JSON text of a value. */
export function jsonOf(value: JsonValue): Json {
  const json = { text: JSON.stringify(value) };
  values.set(json, value);
  return json;
}

/** The value; the text is parsed the first time only. Nobody may change what this returns. */
export function parsed(json: Json): JsonValue {
  const known = values.get(json);
  if (known !== undefined) return known;
  const value = JSON.parse(json.text) as JsonValue;
  values.set(json, value);
  return value;
}

/** Of the text, in UTF-8. */
export function bytesOf({ text }: Json): number {
  return Buffer.byteLength(text);
}

/** Whether the value is an object, and neither a list nor null. */
export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The same text for trees that differ only in the order of their keys: for equality and digests. */
export function canonicalText(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key]!)}`);
  return `{${members.join(",")}}`;
}
