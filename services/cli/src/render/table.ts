import { cutLine, type Line, lineOf, lineWidth, padLine } from "./line.ts";

export type Column = {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Columns of the terminal that it may be cut to when the table is too wide; absent: never cut. */
  readonly widthMin?: number;
  /** Left out altogether, the last one first, before anything is cut. */
  readonly isExtra?: boolean;
};

type Row = readonly Line[];

const gap = "  ";

/**
 * A title line and one line for each row, as wide as they need to be and no wider than `columns`. What is
 * empty in every row is left out.
 */
export function tableLines(table: readonly Column[], rows: readonly Row[], columns: number): readonly Line[] {
  const titles = table.map(({ title }) => lineOf(title, "dim"));
  const all = [titles, ...rows];
  const natural = table.map((_, index) => Math.max(...all.map((row) => lineWidth(row[index] ?? []))));
  const shown = withoutExtras(table, natural, usedColumns(table, rows), columns);
  const widths = cutWidths(table, natural, shown, columns);
  return all.map((row) => cutLine(rowLine(table, row, shown, widths), columns));
}

function usedColumns(table: readonly Column[], rows: readonly Row[]): readonly number[] {
  const isUsed = (index: number): boolean => rows.some((row) => lineWidth(row[index] ?? []) > 0);
  return [...table.keys()].filter(isUsed);
}

function withoutExtras(
  table: readonly Column[],
  widths: readonly number[],
  indexes: readonly number[],
  columns: number,
): readonly number[] {
  let shown = indexes;
  while (excess(widths, shown, columns) > 0) {
    const last = shown.findLast((index) => table[index]?.isExtra);
    if (last === undefined) break;
    shown = shown.filter((index) => index !== last);
  }
  return shown;
}

/** The widest of those that may be cut gives first, so that they end up alike. */
function cutWidths(
  table: readonly Column[],
  natural: readonly number[],
  shown: readonly number[],
  columns: number,
): readonly number[] {
  const widths = [...natural];
  for (let left = excess(widths, shown, columns); left > 0; left--) {
    const cuttable = shown.filter((index) => widths[index]! > (table[index]?.widthMin ?? widths[index]!));
    if (cuttable.length === 0) break;
    const widest = cuttable.reduce((a, b) => (widths[b]! > widths[a]! ? b : a));
    widths[widest]!--;
  }
  return widths;
}

function excess(widths: readonly number[], shown: readonly number[], columns: number): number {
  return shown.reduce((sum, index) => sum + widths[index]! + gap.length, -gap.length) - columns;
}

function rowLine(
  table: readonly Column[],
  row: Row,
  shown: readonly number[],
  widths: readonly number[],
): Line {
  return shown.flatMap((index, place) => {
    const width = widths[index]!;
    const cell = padLine(cutLine(row[index] ?? [], width), width, table[index]?.align);
    return place === 0 ? cell : [{ text: gap }, ...cell];
  });
}
