/** Where a link of a file leads. */
export type LinkTarget =
  /** Out of the repository, by a scheme or a host: not looked at. */
  | { readonly kind: "external" }
  | { readonly kind: "malformed" }
  /** A path from the root, never with `..` at its start, and the heading there; no path is the file itself. */
  | { readonly kind: "inside"; readonly path: string | null; readonly anchor: string | null }
  /** Above the root. */
  | { readonly kind: "outside"; readonly path: string };

/** Reads a link's target as it stands in the file at `from`. Paths from `/` start at the root. */
export function linkTarget(from: string, target: string): LinkTarget {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target) || target.startsWith("//")) return { kind: "external" };
  // Templates fill these in; what they lead to is not known here.
  if (/\{\{|<%|\$\{/.test(target)) return { kind: "external" };
  const parts = /^([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/s.exec(target);
  const path = decode(parts?.[1] ?? "");
  const anchor = decode(parts?.[2] ?? "");
  if (path === null || anchor === null) return { kind: "malformed" };
  const named = anchor === "" ? null : anchor;
  return path === "" ? { kind: "inside", path: null, anchor: named } : resolved(from, path, named);
}

function resolved(from: string, path: string, anchor: string | null): LinkTarget {
  const base = path.startsWith("/") ? [] : from.split("/").slice(0, -1);
  const at: string[] = [];
  for (const part of [...base, ...path.split("/")]) {
    if (part === "" || part === ".") continue;
    if (part === ".." && at.length > 0 && at.at(-1) !== "..") at.pop();
    else at.push(part);
  }
  const joined = at.join("/");
  return at[0] === ".." ? { kind: "outside", path: joined } : { kind: "inside", path: joined, anchor };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
