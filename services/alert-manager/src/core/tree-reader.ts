import { formatDuration, parseDuration } from "./duration.ts";
import { textLengthMax } from "./limits.ts";
import { type Problem, quoted } from "./problem.ts";

/** An object of a file while it is read: where it stands, and where its problems go. */
export type Place = {
  readonly object: Readonly<Record<string, unknown>>;
  readonly field: string;
  readonly problems: Problem[];
};

type Bounds = { readonly min: number; readonly max: number; readonly whole?: boolean };

/** Begins to read an object: it must be one, with no other keys. */
export function openObject(
  value: unknown,
  field: string,
  keys: readonly string[],
  problems: Problem[],
): Place | undefined {
  if (!isObject(value)) {
    problems.push({ field, message: `must be an object, is ${kindOf(value)}` });
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (keys.includes(key)) continue;
    const message = `is unknown: the fields here are ${keys.join(", ")}`;
    problems.push({ field: memberOf(field, key), message });
  }
  return { object: value, field, problems };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at the key; undefined when the object has no such key of its own. */
export function valueAt({ object }: Place, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function memberOf(field: string, key: string): string {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(key);
  if (!isPlain) return `${field}[${quoted(key)}]`;
  return field === "" ? key : `${field}.${key}`;
}

/** Text; `problemWith` says what is wrong with it, if anything. */
export function readText(
  place: Place,
  key: string,
  problemWith: (text: string) => string | undefined = () => undefined,
): string | undefined {
  const value = valueAt(place, key);
  if (value === undefined) return undefined;
  if (typeof value !== "string") return refuse(place, key, `must be text, is ${kindOf(value)}`);
  if (value.length > textLengthMax)
    return refuse(place, key, `must have at most ${textLengthMax} characters`);
  const problem = problemWith(value);
  return problem === undefined ? value : refuse(place, key, `${quoted(value)} ${problem}`);
}

export function readChoice<Choice extends string>(
  place: Place,
  key: string,
  choices: readonly Choice[],
): Choice | undefined {
  const isChoice = (text: string): text is Choice => choices.some((choice) => choice === text);
  const text = readText(place, key, (given) =>
    isChoice(given) ? undefined : `is unknown: must be ${choices.join(", ")}`,
  );
  return text !== undefined && isChoice(text) ? text : undefined;
}

export function readNumber(
  place: Place,
  key: string,
  { min, max, whole = false }: Bounds,
): number | undefined {
  const value = valueAt(place, key);
  if (value === undefined) return undefined;
  if (typeof value === "number" && value >= min && value <= max && (!whole || Number.isInteger(value)))
    return value;
  const given = typeof value === "number" ? String(value) : kindOf(value);
  return refuse(place, key, `must be a ${whole ? "whole " : ""}number from ${min} to ${max}, is ${given}`);
}

export function readBoolean(place: Place, key: string): boolean | undefined {
  const value = valueAt(place, key);
  if (value === undefined || typeof value === "boolean") return value;
  return refuse(place, key, `must be true or false, is ${kindOf(value)}`);
}

/** A duration in milliseconds. */
export function readDuration(
  place: Place,
  key: string,
  { min, max }: Omit<Bounds, "whole">,
): number | undefined {
  const text = readText(place, key);
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (!duration.ok) return refuse(place, key, `${quoted(text)} ${duration.message}`);
  if (duration.ms >= min && duration.ms <= max) return duration.ms;
  return refuse(
    place,
    key,
    `must be from ${formatDuration(min)} to ${formatDuration(max)}, is ${quoted(text)}`,
  );
}

/** A list of texts; a lone text counts as a list of one. */
export function readTexts(place: Place, key: string, countMax: number): readonly string[] | undefined {
  const value = valueAt(place, key);
  if (value === undefined) return undefined;
  if (typeof value === "string") return [value];
  if (!Array.isArray(value))
    return refuse(place, key, `must be text or a list of texts, is ${kindOf(value)}`);
  if (value.length > countMax) return refuse(place, key, `must be at most ${countMax}, are ${value.length}`);
  const elements: readonly unknown[] = value;
  if (elements.every((element) => typeof element === "string" && element.length <= textLengthMax))
    return elements as readonly string[];
  return refuse(place, key, `must all be texts of at most ${textLengthMax} characters`);
}

/** The objects of a list, each with its field. */
export function readList(
  place: Place,
  key: string,
  countMax: number,
): readonly { readonly value: unknown; readonly field: string }[] {
  const value = valueAt(place, key);
  if (value === undefined) return [];
  const field = memberOf(place.field, key);
  if (!Array.isArray(value)) return refuse(place, key, `must be a list, is ${kindOf(value)}`) ?? [];
  if (value.length > countMax)
    return refuse(place, key, `must be at most ${countMax}, are ${value.length}`) ?? [];
  return value.map((element: unknown, index) => ({ value: element, field: `${field}[${index}]` }));
}

/** Notes that the key must be there, if it is not. */
export function requireKeys(place: Place, ...keys: readonly string[]): void {
  for (const key of keys) if (valueAt(place, key) === undefined) refuse(place, key, "is missing");
}

/** Notes what is wrong with the value at a key. */
export function refuse(place: Place, key: string, message: string): undefined {
  place.problems.push({ field: memberOf(place.field, key), message });
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "a number";
  return typeof value === "boolean" ? "true or false" : "an object";
}
