import { definitionDepthMax, keyLengthMax } from "./definition-limits.ts";
import { formatPath, type PathPart } from "./field-path.ts";
import type { JsonValue } from "./json.ts";
import type { Problem } from "./problem.ts";

/** A tree that is JSON and within its limits, or the first thing that is not. */
export type CheckedTree =
  | { readonly ok: true; readonly tree: JsonValue }
  | { readonly ok: false; readonly problem: Problem };

/**
 * Checks what nothing after it could survive: a tree that is not JSON, or is too deep or too big. Parts
 * that are shared, as YAML aliases share them, count each time they are met, so no bomb goes off later.
 */
export function checkTree(tree: unknown, definitionBytesMax: number): CheckedTree {
  const walk: Walk = { bytesLeft: definitionBytesMax, path: [] };
  const message = visit(walk, tree, 0);
  if (walk.bytesLeft < 0) {
    return {
      ok: false,
      problem: { field: "", message: `the definition is larger than ${definitionBytesMax} bytes` },
    };
  }
  if (message !== undefined)
    return { ok: false, problem: { field: formatPath(walk.path.reverse()), message } };
  return { ok: true, tree: tree as JsonValue };
}

const tooLarge = "is too large";

/** `path` is where it went wrong, innermost first: only then does anybody pay for paths. */
type Walk = { bytesLeft: number; readonly path: PathPart[] };

/** Says what is wrong, and stops there. */
function visit(walk: Walk, value: unknown, depth: number): string | undefined {
  if (walk.bytesLeft < 0) return tooLarge;
  switch (typeof value) {
    case "string":
      walk.bytesLeft -= utf8Length(value) + 3;
      return undefined;
    case "boolean":
      walk.bytesLeft -= 5;
      return undefined;
    case "number":
      walk.bytesLeft -= String(value).length + 1;
      return Number.isFinite(value) ? undefined : `${value} is not a number that JSON has`;
    default:
      walk.bytesLeft -= 3;
      return value === null ? undefined : visitParts(walk, value, depth);
  }
}

function visitParts(walk: Walk, value: unknown, depth: number): string | undefined {
  if (depth >= definitionDepthMax) return `must not be nested more than ${definitionDepthMax} deep`;
  if (Array.isArray(value)) return visitElements(walk, value, depth + 1);
  return isPlainObject(value) ? visitMembers(walk, value, depth + 1) : "is not JSON";
}

function visitElements(walk: Walk, list: readonly unknown[], depth: number): string | undefined {
  for (let index = 0; index < list.length; index++) {
    const message = visit(walk, list[index], depth);
    if (message === undefined) continue;
    walk.path.push(index);
    return message;
  }
  return undefined;
}

function visitMembers(
  walk: Walk,
  object: Readonly<Record<string, unknown>>,
  depth: number,
): string | undefined {
  for (const key of Object.keys(object)) {
    if (key.length > keyLengthMax) return `has a key longer than ${keyLengthMax} characters`;
    walk.bytesLeft -= utf8Length(key) + 3;
    const message = visit(walk, object[key], depth);
    if (message === undefined) continue;
    walk.path.push(key);
    return message;
  }
  return undefined;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Bytes in UTF-8: one below 0x80, two below 0x800, else three, and a pair of surrogates is four. */
function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return length;
}
