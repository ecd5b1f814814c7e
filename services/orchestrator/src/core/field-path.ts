/** A key of an object or an index of a list. */
export type PathPart = string | number;

const plainKey = /^[A-Za-z_][A-Za-z0-9_]*$/;
const plainPath = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;
// One part: a name (after a dot unless it is the first), an index, or a quoted key.
const pathPart =
  /(\.?)([A-Za-z_][A-Za-z0-9_]*)|\[(0|[1-9]\d{0,9})\]|\[("(?:[^"\\]|\\.)*")\]|\['([^'\\]*)'\]/y;

/** The path of `key` in the object at `field`: `steps[2]` and `with` give `steps[2].with`. */
export function memberField(field: string, key: string): string {
  if (!plainKey.test(key)) return `${field}[${JSON.stringify(key)}]`;
  return field === "" ? key : `${field}.${key}`;
}

/** The path of an element of the list at `field`. */
export function elementField(field: string, index: number): string {
  return `${field}[${index}]`;
}

/** The path that has these parts. */
export function formatPath(parts: readonly PathPart[], root = ""): string {
  return parts.reduce<string>(
    (field, part) => (typeof part === "number" ? elementField(field, part) : memberField(field, part)),
    root,
  );
}

/** The parts of a path such as `steps[2].with["odd key"]`; undefined when it is none. */
export function parsePath(path: string): readonly PathPart[] | undefined {
  if (plainPath.test(path)) return path.split(".");
  const parts: PathPart[] = [];
  pathPart.lastIndex = 0;
  while (pathPart.lastIndex < path.length) {
    const isFirst = pathPart.lastIndex === 0;
    const match = pathPart.exec(path);
    const part = match === null ? undefined : partOf(match, isFirst);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return parts.length === 0 ? undefined : parts;
}

function partOf(match: RegExpExecArray, isFirst: boolean): PathPart | undefined {
  const [, dot, name, index, quoted, singleQuoted] = match;
  if (name !== undefined) return (dot === "") === isFirst ? name : undefined;
  if (index !== undefined) return Number(index);
  return singleQuoted ?? unquoted(quoted!);
}

/** The key inside double quotes, escapes and all; undefined when an escape is not JSON's. */
function unquoted(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
