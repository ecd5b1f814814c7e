/** The paths of a snapshot, to ask whether one is there. Folders are paths too. */
export interface PathIndex {
  has(path: string): boolean;
  /** A path that is there and differs only by case; null without one. */
  sameButForCase(path: string): string | null;
  /** Whether a symbolic link, which a walk does not follow, is part of the way. */
  isBehindSymlink(path: string): boolean;
  /** Paths that a file system which ignores case would take for one. */
  readonly clashes: readonly (readonly string[])[];
}

/** Indexes files, symbolic links and the folders they lie in. */
export function indexPaths(files: readonly string[], symlinks: readonly string[]): PathIndex {
  const paths = new Set<string>([""]);
  for (const path of [...files, ...symlinks]) {
    for (let at: string | null = path; at !== null && !paths.has(at); at = parentOf(at)) paths.add(at);
  }
  const linked = new Set(symlinks);
  const byCase = Map.groupBy(paths, (path) => path.toLowerCase());
  return {
    has: (path) => paths.has(path),
    sameButForCase: (path) => byCase.get(path.toLowerCase())?.[0] ?? null,
    isBehindSymlink: (path) => {
      for (let at: string | null = path; at !== null; at = parentOf(at)) if (linked.has(at)) return true;
      return false;
    },
    clashes: [...byCase.values()].filter((same) => same.length > 1),
  };
}

function parentOf(path: string): string | null {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? null : path.slice(0, slash);
}
