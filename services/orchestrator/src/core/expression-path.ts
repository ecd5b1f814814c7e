import type { Evaluation } from "./expression-scope.ts";
import { formatPath, type PathPart } from "./field-path.ts";
import { isJsonObject, type Json, type JsonValue, jsonOf, parsed } from "./json.ts";
import { quoted } from "./problem.ts";

/** The value at a path in the JSON called `name`, or what is missing there. An empty path hands on the Json itself. */
export function follow(json: Json, name: string, path: readonly PathPart[]): Evaluation {
  if (path.length === 0) return { ok: true, json };
  let value = parsed(json);
  for (const [index, part] of path.entries()) {
    const next = child(value, part);
    if (next === undefined) {
      return { ok: false, message: missing(value, formatPath(path.slice(0, index), name), part) };
    }
    value = next;
  }
  return written(value);
}

/** An own member or an element that is there; never what the prototype would lend. */
function child(value: JsonValue, part: PathPart): JsonValue | undefined {
  if (Array.isArray(value)) return typeof part === "number" ? value[part] : undefined;
  if (typeof part === "number" || !isJsonObject(value)) return undefined;
  return Object.hasOwn(value, part) ? value[part] : undefined;
}

function written(value: JsonValue): Evaluation {
  try {
    return { ok: true, json: jsonOf(value) };
  } catch {
    // JSON.parse copes with any nesting, JSON.stringify only with what its stack holds.
    return { ok: false, message: "the value is nested too deeply" };
  }
}

function missing(value: JsonValue, name: string, part: PathPart): string {
  if (value === null) return `${name} is null`;
  if (Array.isArray(value)) {
    return typeof part === "number"
      ? `${name} has no element ${part}: its length is ${value.length}`
      : `${name} is a list`;
  }
  if (!isJsonObject(value)) return `${name} is neither an object nor a list`;
  return typeof part === "number" ? `${name} is an object, not a list` : `${name} has no ${quoted(part)}`;
}
