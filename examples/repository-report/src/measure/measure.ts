import { createReadStream } from "node:fs";
import { join } from "node:path";
import { inParallel } from "../in-parallel.ts";
import { formatNumber, plural } from "../numbers.ts";
import type { Snapshot, SnapshotFile } from "../snapshot.ts";
import { countProgress, type StepControls } from "../step-controls.ts";
import { foldersOf } from "./folders.ts";
import type { Measures } from "./measures.ts";
import { biggestOf, kindsOf, languagesOf, longestOf, type MeasuredFile, sumOf } from "./totals.ts";

/** A larger text file is counted as bytes only: its lines are nobody's reading. */
export const countedBytesMax = 64 * 1024 * 1024;

/** Reads the snapshot's text files, counts their lines, and adds everything up. */
export async function measure(snapshot: Snapshot, controls: StepControls): Promise<Measures> {
  const { files } = snapshot;
  const read = countProgress(controls, {
    from: 0,
    to: 0.95,
    total: files.length,
    message: (done) => `${formatNumber(done)} of ${plural(files.length, "file")} measured`,
  });
  const measured: MeasuredFile[] = [];
  let uncounted = 0;
  await inParallel(files, controls.signal, async (file) => {
    const lines = await linesOf(join(snapshot.header.root, file.path), file, controls.signal);
    if (lines === null) uncounted += 1;
    measured.push({ ...file, lines: lines ?? 0 });
    read();
  });
  return { ...sumUp(measured), uncounted };
}

/** Everything that can be said of files without reading them again. */
export function sumUp(files: readonly MeasuredFile[]): Omit<Measures, "uncounted"> {
  return {
    totals: sumOf(files),
    languages: languagesOf(files),
    kinds: kindsOf(files),
    folders: foldersOf(files),
    biggest: biggestOf(files),
    longest: longestOf(files),
  };
}

/** Lines of a file, the last one with or without its newline; null when it was not counted. */
async function linesOf(path: string, file: SnapshotFile, signal: AbortSignal): Promise<number | null> {
  if (file.binary) return 0;
  if (file.bytes > countedBytesMax) return null;
  let newlines = 0;
  let last = newline;
  try {
    for await (const chunk of createReadStream(path, { signal })) {
      newlines += newlinesIn(chunk);
      last = chunk.at(-1) ?? last;
    }
  } catch {
    signal.throwIfAborted();
    return null;
  }
  return last === newline ? newlines : newlines + 1;
}

const newline = 0x0a;

function newlinesIn(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) count += 1;
  return count;
}
