import { type FileHandle, open, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { inParallel } from "../in-parallel.ts";
import { formatNumber, plural } from "../numbers.ts";
import { type Snapshot, type SnapshotFile, writeSnapshot } from "../snapshot.ts";
import { countProgress, type StepControls } from "../step-controls.ts";
import { classify, headBytesMax } from "./classify.ts";
import { readGitHead } from "./git-head.ts";
import { findRepositoryTop } from "./repository-top.ts";
import { type Walk, type WalkedEntry, walk } from "./walk.ts";

/** Files that one report covers. */
export const filesMax = 100_000;

/** What to collect, and where to. */
export interface Collecting {
  readonly path: string;
  /** Where the snapshot goes. */
  readonly snapshot: string;
  /** Left out of the walk: a report is no part of what it reports on. */
  readonly reportFolder: string;
}

/** A snapshot's place and size; or why there is none. */
export type Collected =
  | {
      readonly kind: "collected";
      readonly snapshot: string;
      readonly files: number;
      readonly folders: number;
      readonly bytes: number;
    }
  | Exclude<Walk, { kind: "walked" }>;

/** Walks and sorts a folder's files into a snapshot on disk. */
export async function collect(collecting: Collecting, controls: StepControls): Promise<Collected> {
  const root = resolve(collecting.path);
  const walked = await walk(
    root,
    { filesMax, exclude: collecting.reportFolder },
    { signal: controls.signal, progress: (fraction, message) => controls.progress(fraction * 0.5, message) },
  );
  if (walked.kind !== "walked") return walked;
  const { files, lost } = await classifyAll(root, walked.entries, controls);
  const symlinks = walked.entries.filter((entry) => entry.kind === "symlink");
  const snapshot: Snapshot = {
    header: await describe(root),
    files,
    symlinks: symlinks.map(({ path }) => ({ record: "symlink", path })),
    end: {
      record: "end",
      files: files.length,
      symlinks: symlinks.length,
      folders: walked.folders,
      ignored: walked.ignored,
      unreadable: walked.unreadable + lost,
    },
  };
  await writeSnapshot(collecting.snapshot, snapshot);
  controls.progress(1, `${plural(files.length, "file")} in ${plural(walked.folders, "folder")}`);
  return {
    kind: "collected",
    snapshot: collecting.snapshot,
    files: files.length,
    folders: walked.folders,
    bytes: files.reduce((sum, each) => sum + each.bytes, 0),
  };
}

async function classifyAll(
  root: string,
  entries: readonly WalkedEntry[],
  controls: StepControls,
): Promise<{ files: SnapshotFile[]; lost: number }> {
  const walked = entries.filter((entry) => entry.kind === "file");
  const read = countProgress(controls, {
    from: 0.5,
    to: 0.95,
    total: walked.length,
    message: (done) => `${formatNumber(done)} of ${plural(walked.length, "file")} sorted`,
  });
  const files: SnapshotFile[] = [];
  await inParallel(walked, controls.signal, async ({ path, bytes }) => {
    const head = await readHead(join(root, path));
    if (head !== null) files.push({ record: "file", path, bytes, ...classify(path, head) });
    read();
  });
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, lost: walked.length - files.length };
}

/** The first bytes of a file; null when it can't be read, or is gone since the walk. */
async function readHead(path: string): Promise<Buffer | null> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(headBytesMax) });
    return buffer.subarray(0, bytesRead);
  } catch {
    return null;
  } finally {
    await handle?.close();
  }
}

async function describe(root: string): Promise<Snapshot["header"]> {
  const top = await findRepositoryTop(root);
  return {
    record: "snapshot",
    version: 1,
    name: (await packageName(root)) ?? (basename(root) || root),
    root,
    head: top === null ? null : await readGitHead(top),
    collectedAt: new Date().toISOString(),
  };
}

/** A clone's folder can have any name; a package knows its own. */
async function packageName(root: string): Promise<string | null> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    if (typeof manifest !== "object" || manifest === null || !("name" in manifest)) return null;
    return typeof manifest.name === "string" && manifest.name !== "" ? manifest.name : null;
  } catch {
    return null;
  }
}
