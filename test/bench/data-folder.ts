import { mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** statfs types of file systems that live in memory, where a sync to disk costs nothing. */
const memoryFileSystems: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

const checkout = join(import.meta.dirname, "../../node_modules");

/** Gives `use` a new folder on a real disk, and removes it afterwards. */
export async function withDataFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(await parentOnDisk(), "weft-bench-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function parentOnDisk(): Promise<string> {
  for (const candidate of [tmpdir(), "/var/tmp", checkout]) {
    const type = await statfs(candidate).then(
      ({ type }) => type,
      () => undefined,
    );
    if (type !== undefined && !memoryFileSystems.has(type)) return candidate;
  }
  throw new Error("found no folder on a real disk: set TMPDIR to one");
}
