import { byText } from "../by-text.ts";
import type { Cell, FolderCells } from "./measures.ts";
import { kindsOf, type MeasuredFile, sumOf } from "./totals.ts";

/** Folders told apart; the smaller ones are told together. */
const foldersMax = 16;
/** Things told apart within a folder. */
const cellsMax = 16;

/** The name of what lies in the root itself. */
export const rootFolderName = "(top level)";

/** Where the bytes are, two levels deep. */
export function foldersOf(files: readonly MeasuredFile[]): FolderCells[] {
  const groups = Map.groupBy(files, (file) => firstPart(file.path) ?? rootFolderName);
  const folders = sortedCells(groups);
  const shown = folders.length > foldersMax ? folders.slice(0, foldersMax - 1) : folders;
  const rest = folders.slice(shown.length);
  const together = { ...merge(rest, `${rest.length} more folders`), cells: collapse(rest) };
  return [
    ...shown.map((folder) => ({ ...folder, cells: cellsWithin(folder.name, groups.get(folder.name) ?? []) })),
    ...(rest.length === 0 ? [] : [together]),
  ];
}

function cellsWithin(folder: string, files: readonly MeasuredFile[]): Cell[] {
  const start = folder === rootFolderName ? 0 : folder.length + 1;
  const groups = Map.groupBy(files, (file) => {
    const within = file.path.slice(start);
    return firstPart(within) ?? within;
  });
  return collapse(sortedCells(groups));
}

/** Biggest first; what is empty has no place on a map. */
function sortedCells(groups: ReadonlyMap<string, readonly MeasuredFile[]>): Cell[] {
  return [...groups]
    .map(([name, group]) => cellOf(name, group))
    .filter((cell) => cell.bytes > 0)
    .sort((a, b) => b.bytes - a.bytes || byText(a.name, b.name));
}

function collapse(cells: readonly Cell[]): Cell[] {
  if (cells.length <= cellsMax) return [...cells];
  const rest = cells.slice(cellsMax - 1);
  return [...cells.slice(0, cellsMax - 1), merge(rest, `${rest.length} more`)];
}

function cellOf(name: string, files: readonly MeasuredFile[]): Cell {
  const kinds = kindsOf(files).sort((a, b) => b.bytes - a.bytes);
  return { name, ...sumOf(files), kind: kinds[0]?.kind ?? "other" };
}

/** The kind of the first, which is the biggest, stands for all. */
function merge(cells: readonly Cell[], name: string): Cell {
  const sum = { files: 0, bytes: 0, lines: 0 };
  for (const cell of cells) {
    sum.files += cell.files;
    sum.bytes += cell.bytes;
    sum.lines += cell.lines;
  }
  return { name, ...sum, kind: cells[0]?.kind ?? "other" };
}

function firstPart(path: string): string | null {
  const slash = path.indexOf("/");
  return slash === -1 ? null : path.slice(0, slash);
}
