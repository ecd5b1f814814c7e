import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The folder at or above `folder` that holds `.git`, or null outside of a repository. */
export async function findRepositoryTop(folder: string): Promise<string | null> {
  for (let at = folder; ; at = dirname(at)) {
    if (await exists(join(at, ".git"))) return at;
    if (dirname(at) === at) return null;
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
