import { z } from "zod";
import { fileKinds } from "./collect/languages.ts";
import { linesOf } from "./lines.ts";
import { writeWhole } from "./write-whole.ts";

const header = z.object({
  record: z.literal("snapshot"),
  /** Of this format. A reader refuses the ones it does not know. */
  version: z.literal(1),
  /** What the repository calls itself. */
  name: z.string(),
  /** Absolute: the files themselves are read from here. */
  root: z.string(),
  head: z.object({ branch: z.string().nullable(), commit: z.string() }).nullable(),
  collectedAt: z.iso.datetime(),
});

const file = z.object({
  record: z.literal("file"),
  path: z.string(),
  bytes: z.int().nonnegative(),
  language: z.string().nullable(),
  kind: z.enum(fileKinds),
  binary: z.boolean(),
});

const symlink = z.object({ record: z.literal("symlink"), path: z.string() });

const end = z.object({
  record: z.literal("end"),
  files: z.int().nonnegative(),
  symlinks: z.int().nonnegative(),
  folders: z.int().nonnegative(),
  ignored: z.int().nonnegative(),
  unreadable: z.int().nonnegative(),
});

const record = z.discriminatedUnion("record", [header, file, symlink, end]);

export type SnapshotHeader = z.infer<typeof header>;
export type SnapshotFile = z.infer<typeof file>;
export type SnapshotSymlink = z.infer<typeof symlink>;
export type SnapshotEnd = z.infer<typeof end>;

/** What one collection saw: the list of files, not their content. */
export interface Snapshot {
  readonly header: SnapshotHeader;
  readonly files: readonly SnapshotFile[];
  readonly symlinks: readonly SnapshotSymlink[];
  readonly end: SnapshotEnd;
}

/** A snapshot, or why the file is none. */
export type SnapshotReading =
  | { readonly kind: "read"; readonly snapshot: Snapshot }
  | { readonly kind: "missing"; readonly path: string }
  | { readonly kind: "invalid"; readonly path: string; readonly reason: string };

/** Writes a snapshot as NDJSON: a header, a line per entry, and an end that tells it is complete. */
export async function writeSnapshot(path: string, snapshot: Snapshot): Promise<void> {
  await writeWhole(path, lines(snapshot));
}

function* lines(snapshot: Snapshot): Generator<string> {
  for (const each of [snapshot.header, ...snapshot.files, ...snapshot.symlinks, snapshot.end]) {
    yield `${JSON.stringify(each)}\n`;
  }
}

/** Reads a snapshot and checks every line of it: the path came from another process. */
export async function readSnapshot(path: string, signal: AbortSignal): Promise<SnapshotReading> {
  const invalid = (reason: string): SnapshotReading => ({ kind: "invalid", path, reason });
  const files: SnapshotFile[] = [];
  const symlinks: SnapshotSymlink[] = [];
  let first: SnapshotHeader | null = null;
  let last: SnapshotEnd | null = null;
  let number = 0;
  try {
    for await (const line of linesOf(path, signal)) {
      number += 1;
      const parsed = parseLine(line);
      if (typeof parsed === "string") return invalid(`line ${number}: ${parsed}`);
      if ((number === 1) !== (parsed.record === "snapshot") || last !== null) {
        return invalid(`line ${number}: a ${parsed.record} line has no place here`);
      }
      if (parsed.record === "snapshot") first = parsed;
      else if (parsed.record === "file") files.push(parsed);
      else if (parsed.record === "symlink") symlinks.push(parsed);
      else last = parsed;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return { kind: "missing", path };
    return invalid(String(error));
  }
  if (first === null || last === null) return invalid(`line ${number + 1}: it breaks off`);
  if (last.files !== files.length) return invalid(`it has ${files.length} files and says ${last.files}`);
  return { kind: "read", snapshot: { header: first, files, symlinks, end: last } };
}

function parseLine(line: string): z.infer<typeof record> | string {
  try {
    const parsed = record.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : z.prettifyError(parsed.error);
  } catch (error) {
    return String(error);
  }
}
