/** A workspace package: where it lives, what it offers and what it says it needs. */
export interface Package {
  readonly name: string;
  /** Relative to the root; empty for the root itself, which owns `test/`. */
  readonly directory: string;
  /** Entry (`.`, `./grpc`, `./*`) to file; null closes an entry that a wider pattern would open. */
  readonly exports: ReadonlyMap<string, string | null>;
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

interface Manifest {
  readonly name?: string;
  readonly exports?: Readonly<Record<string, string | null>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Reads a package.json. */
export function parsePackage(path: string, text: string): Package {
  const manifest = JSON.parse(text) as Manifest;
  const entries = Object.entries(manifest.exports ?? {});
  for (const [entry, target] of entries) {
    if (target !== null && typeof target !== "string")
      throw new Error(`${path}: tidy reads plain exports only, and ${entry} is conditional`);
  }
  return {
    name: manifest.name ?? path,
    directory: path.replace(/\/?package\.json$/, ""),
    exports: new Map(entries),
    dependencies: new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })),
    devDependencies: new Set(Object.keys(manifest.devDependencies ?? {})),
  };
}

/** The file behind an entry, as Node resolves it (an exact entry, else the longest pattern). */
export function entryFile(of: Package, entry: string): string | undefined {
  const exact = of.exports.get(entry);
  if (exact !== undefined) return exact === null ? undefined : fileOf(of, exact);
  let longest = "";
  let found: string | undefined;
  for (const [pattern, target] of of.exports) {
    const [head = "", tail] = pattern.split("*");
    if (tail === undefined || head.length < longest.length) continue;
    if (entry.length <= head.length + tail.length || !entry.startsWith(head) || !entry.endsWith(tail))
      continue;
    longest = head;
    const matched = entry.slice(head.length, entry.length - tail.length);
    found = target === null ? undefined : fileOf(of, target.replaceAll("*", matched));
  }
  return found;
}

function fileOf(of: Package, target: string): string {
  return `${of.directory}/${target.replace(/^\.\//, "")}`;
}
