import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Makes a folder on disk with these files, and gives its path. */
export type TemporaryFolder = (files?: Readonly<Record<string, string | Buffer>>) => Promise<string>;

/** Folders that go when the test is done, which `atEnd` (vitest's `onTestFinished`) tells. */
export function temporaryFolders(atEnd: (remove: () => Promise<void>) => void): TemporaryFolder {
  return async (files = {}) => {
    const folder = await mkdtemp(join(await realpath(tmpdir()), "repository-report-"));
    atEnd(() => rm(folder, { recursive: true, force: true }));
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    return folder;
  };
}
