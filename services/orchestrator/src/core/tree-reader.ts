import { formatDuration, parseDuration } from "./duration.ts";
import { elementField, memberField } from "./field-path.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import { didYouMean } from "./nearest-name.ts";
import { addProblem, type Findings, quoted } from "./problem.ts";

/** An object of a definition while it is read: where it stands, and where its problems go. */
export type Place = {
  readonly object: JsonObject;
  readonly field: string;
  readonly findings: Findings;
};

/** The keys an object may have; `later` are those that are known, but not to this release. */
export type Keys = { readonly known: ReadonlySet<string>; readonly later?: ReadonlySet<string> };

/** A list of text; undefined where an element is of another kind, which is a problem by then. */
export type Texts = readonly (string | undefined)[];

/** Begins to read an object: it must be one, with no other keys. */
export function openObject(
  value: JsonValue,
  field: string,
  keys: Keys,
  findings: Findings,
): Place | undefined {
  if (!isJsonObject(value)) {
    addProblem(findings, field, `must be an object, is ${kindOf(value)}`);
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (!keys.known.has(key)) addProblem(findings, memberField(field, key), unknownKey(key, keys, findings));
  }
  return { object: value, field, findings };
}

/** The value at the key; undefined when the object has no such key of its own. */
export function readValue({ object }: Place, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Text that satisfies `problemWith`, which says what is wrong with the rest. */
export function readText(
  place: Place,
  key: string,
  problemWith: (text: string) => string | undefined = () => undefined,
): string | undefined {
  const value = readValue(place, key);
  if (value === undefined) return undefined;
  if (typeof value !== "string") return refuse(place, key, `must be text, is ${kindOf(value)}`);
  const problem = problemWith(value);
  return problem === undefined ? value : refuse(place, key, `${quoted(value)} ${problem}`);
}

/** One of a few words. */
export function readChoice<Choice extends string>(
  place: Place,
  key: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = readText(place, key);
  const choice = choices.find((known) => known === text);
  if (text === undefined || choice !== undefined) return choice;
  const hint = didYouMean(place.findings, text, choices);
  return refuse(place, key, `${quoted(text)} is unknown: must be ${choices.join(", ")}${hint}`);
}

/** A number within bounds; a whole one unless `fraction` is allowed. */
export function readNumber(
  place: Place,
  key: string,
  bounds: { readonly min: number; readonly max: number; readonly fraction?: boolean },
): number | undefined {
  const value = readValue(place, key);
  if (value === undefined) return undefined;
  const { min, max, fraction = false } = bounds;
  if (typeof value === "number" && value >= min && value <= max && (fraction || Number.isInteger(value)))
    return value;
  const given = typeof value === "number" ? String(value) : kindOf(value);
  return refuse(place, key, `must be a ${fraction ? "" : "whole "}number from ${min} to ${max}, is ${given}`);
}

/** True or false. */
export function readBoolean(place: Place, key: string): boolean | undefined {
  const value = readValue(place, key);
  if (value === undefined || typeof value === "boolean") return value;
  return refuse(place, key, `must be true or false, is ${kindOf(value)}`);
}

/** A duration in milliseconds, of at least `minMs`. */
export function readDuration(place: Place, key: string, minMs: number): number | undefined {
  const text = readText(place, key);
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (!duration.ok) return refuse(place, key, `${quoted(text)} ${duration.message}`);
  if (duration.ms < minMs) return refuse(place, key, `must be at least ${formatDuration(minMs)}`);
  return duration.ms;
}

/** A list of text. */
export function readTexts(place: Place, key: string): Texts | undefined {
  const value = readValue(place, key);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return refuse(place, key, `must be a list, is ${kindOf(value)}`);
  return value.every(isText) ? value : textsAmong(value, memberField(place.field, key), place.findings);
}

/** Notes that the key must be there, if it is not. */
export function requireKey(place: Place, key: string): void {
  if (readValue(place, key) === undefined) refuse(place, key, "is missing");
}

/** What the value is, in words for its author. */
export function kindOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return "text";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    default:
      return "an object";
  }
}

function isText(value: JsonValue): value is string {
  return typeof value === "string";
}

function textsAmong(list: readonly JsonValue[], field: string, findings: Findings): Texts {
  return list.map((element, index) => {
    if (isText(element)) return element;
    addProblem(findings, elementField(field, index), `must be text, is ${kindOf(element)}`);
    return undefined;
  });
}

function refuse(place: Place, key: string, message: string): undefined {
  addProblem(place.findings, memberField(place.field, key), message);
}

function unknownKey(key: string, { known, later }: Keys, findings: Findings): string {
  if (later?.has(key)) return "is not supported by this release";
  return `is unknown: the fields here are ${[...known].join(", ")}${didYouMean(findings, key, known)}`;
}
