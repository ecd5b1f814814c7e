import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** The texts of all files under a folder, by path relative to it. */
export async function readFolder(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = new Map<string, string>();
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    texts.set(relative(folder, path), await readFile(path, "utf8"));
  }
  return texts;
}

/** How `actual` differs from what it should be, one line a file. */
export function differences(
  actual: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, string>,
): readonly string[] {
  const paths = [...new Set([...actual.keys(), ...expected.keys()])].sort();
  return paths.flatMap((path) => {
    if (actual.get(path) === expected.get(path)) return [];
    if (!actual.has(path)) return [`${path} is missing`];
    return [expected.has(path) ? `${path} is stale` : `${path} should be gone`];
  });
}
