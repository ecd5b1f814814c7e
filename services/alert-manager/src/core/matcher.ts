import type { Labels } from "./alert.ts";

/**
 * What an alert's labels must be like: each label must match one of its patterns. `*` in a pattern stands for any
 * text, and a leading `!` turns it around. A label that is not there counts as empty.
 */
export type Matchers = Readonly<Record<string, readonly string[]>>;

export function matches(matchers: Matchers, labels: Labels): boolean {
  for (const label in matchers) {
    if (!matchesOne(matchers[label] ?? [], labels[label] ?? "")) return false;
  }
  return true;
}

/** What must not match outweighs what may. */
function matchesOne(patterns: readonly string[], value: string): boolean {
  const refused = patterns.filter((pattern) => pattern.startsWith("!"));
  if (refused.some((pattern) => fits(pattern.slice(1), value))) return false;
  return refused.length === patterns.length || patterns.some((pattern) => fits(pattern, value));
}

/** Takes at most pattern × value steps: no pattern is slow. */
function fits(pattern: string, value: string): boolean {
  const parts = pattern.split("*");
  const first = parts.shift() ?? "";
  const last = parts.pop();
  if (last === undefined) return value === first;
  if (!value.startsWith(first) || value.length < first.length + last.length || !value.endsWith(last))
    return false;
  let at = first.length;
  const end = value.length - last.length;
  for (const part of parts) {
    const found = value.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
