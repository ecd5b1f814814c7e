import { byText } from "../by-text.ts";
import type { FileKind } from "../collect/languages.ts";
import type { SnapshotFile } from "../snapshot.ts";
import type { Measures, Totals } from "./measures.ts";

/** A file of the snapshot and its lines: none when it is binary or was not counted. */
export interface MeasuredFile extends SnapshotFile {
  readonly lines: number;
}

/** Files listed as the biggest, and as the longest. */
const listedMax = 10;

/** The kinds whose lines people wrote, as opposed to tools. */
const written: ReadonlySet<FileKind> = new Set(["code", "test", "docs", "config"]);

/** The sum over files. */
export function sumOf(files: readonly MeasuredFile[]): Totals {
  return files.reduce(
    (sum, each) => ({
      files: sum.files + 1,
      bytes: sum.bytes + each.bytes,
      lines: sum.lines + each.lines,
    }),
    { files: 0, bytes: 0, lines: 0 },
  );
}

/** Languages of what people wrote, most lines first. */
export function languagesOf(files: readonly MeasuredFile[]): Measures["languages"] {
  const counted = files.filter((file) => written.has(file.kind) && file.language !== null);
  const groups = Map.groupBy(counted, (file) => file.language ?? "");
  return [...groups]
    .map(([language, group]) => ({ language, ...sumOf(group) }))
    .sort((a, b) => b.lines - a.lines || byText(a.language, b.language));
}

/** Kinds of files, most lines first. */
export function kindsOf(files: readonly MeasuredFile[]): Measures["kinds"] {
  return [...Map.groupBy(files, (file) => file.kind)]
    .map(([kind, group]) => ({ kind, ...sumOf(group) }))
    .sort((a, b) => b.lines - a.lines || b.bytes - a.bytes || byText(a.kind, b.kind));
}

/** The files with the most bytes. */
export function biggestOf(files: readonly MeasuredFile[]): Measures["biggest"] {
  return [...files]
    .sort((a, b) => b.bytes - a.bytes || byText(a.path, b.path))
    .slice(0, listedMax)
    .map(({ path, bytes, kind }) => ({ path, bytes, kind }));
}

/** The files with the most lines, of those that people wrote. */
export function longestOf(files: readonly MeasuredFile[]): Measures["longest"] {
  return files
    .filter((file) => written.has(file.kind) && file.lines > 0)
    .sort((a, b) => b.lines - a.lines || byText(a.path, b.path))
    .slice(0, listedMax)
    .map(({ path, lines, language }) => ({ path, lines, language }));
}
