const secretName =
  /(?:token|authorization|password|passwd|secret|cookie|credentials?|api[-_]?key|private[-_]?key)$/i;
/** As a header has it: a sentence about a bearer is left alone. */
const credential = /\b(Bearer|Basic) [A-Za-z0-9+/._~=-]+/g;
const hidden = "[redacted]";
const depthMax = 4;

/** The fields of a log line, with a mark in place of each text whose name says that it is a secret. */
export function withoutSecrets<T extends Readonly<Record<string, unknown>>>(fields: T): T {
  return cleaned(fields, depthMax) as T;
}

/** A text without the credentials of HTTP headers that it may quote. */
export function withoutCredentials(text: string): string {
  return text.replace(credential, `$1 ${hidden}`);
}

/** The same value where there is nothing to hide, so that most lines cost a look and no copy. */
function cleaned(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null || value instanceof Error || depth === 0) return value;
  if (Array.isArray(value)) {
    const parts = value.map((part) => cleaned(part, depth - 1));
    return parts.some((part, index) => part !== value[index]) ? parts : value;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [name, part] of Object.entries(value)) {
    const clean = typeof part === "string" && secretName.test(name) ? hidden : cleaned(part, depth - 1);
    if (clean === part) continue;
    copy ??= { ...value };
    copy[name] = clean;
  }
  return copy ?? value;
}
