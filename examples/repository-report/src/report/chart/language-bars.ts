import type { Measures } from "../../measure/measures.ts";
import { formatNumber, formatShare } from "../../numbers.ts";
import { type Markup, markup } from "../markup.ts";
import type { Chart } from "./chart.ts";
import { fitText, textWidth } from "./text-fit.ts";

interface Row {
  readonly label: string;
  readonly lines: number;
}

interface Columns {
  readonly width: number;
  readonly labelWidth: number;
  readonly linesEnd: number;
  readonly most: number;
  readonly total: number;
}

/** Languages shown one by one; the others share a bar. */
const languagesMax = 9;
/** Below this width, a bar goes under its label. */
const stackedBelow = 520;
const gap = 14;
const shareWidth = 52;

/** A bar per language, by lines. */
export function languageBars(languages: Measures["languages"], width: number): Chart {
  const rows = rowsOf(languages);
  const total = rows.reduce((sum, row) => sum + row.lines, 0);
  const linesWidth = Math.max(...rows.map((row) => textWidth(formatNumber(row.lines))), 0);
  const columns: Columns = {
    width,
    labelWidth: Math.min(Math.max(...rows.map((row) => textWidth(row.label)), 0), width * 0.28),
    linesEnd: width - shareWidth,
    most: Math.max(...rows.map((row) => row.lines), 1),
    total,
  };
  const stacked = width < stackedBelow;
  const rowHeight = stacked ? 44 : 30;
  const body = rows.map((row, index) =>
    stacked
      ? stackedRow(row, index * rowHeight, columns, linesWidth)
      : straightRow(row, index * rowHeight, columns, linesWidth),
  );
  const spoken = rows.map((row) => `${row.label} ${formatShare(row.lines, total)}`).join(", ");
  return {
    title: "Lines by language",
    description: `Of ${formatNumber(total)} lines: ${spoken}.`,
    width,
    height: rows.length * rowHeight,
    body: markup`${body}`,
  };
}

function rowsOf(languages: Measures["languages"]): Row[] {
  const shown = languages.length > languagesMax ? languages.slice(0, languagesMax - 1) : languages;
  const others = languages.slice(shown.length);
  const rest = others.reduce((sum, each) => sum + each.lines, 0);
  const rows = shown.map(({ language, lines }) => ({ label: language, lines }));
  return others.length === 0 ? rows : [...rows, { label: `${others.length} others`, lines: rest }];
}

/** Label, bar and figures side by side. */
function straightRow(row: Row, y: number, columns: Columns, linesWidth: number): Markup {
  const barStart = columns.labelWidth + gap;
  const track = columns.linesEnd - linesWidth - gap - barStart;
  const length = Math.max(2, (row.lines / columns.most) * track);
  return markup`
<g><title>${tooltip(row, columns)}</title>
<text x="0" y="${y + 19}">${fitText(row.label, columns.labelWidth)}</text>
<rect class="track" x="${barStart}" y="${y + 7}" width="${track}" height="16" rx="2"/>
<rect class="bar" x="${barStart}" y="${y + 7}" width="${length}" height="16" rx="2"/>
${figures(row, y + 19, columns)}</g>`;
}

/** The bar below the label and the figures. */
function stackedRow(row: Row, y: number, columns: Columns, linesWidth: number): Markup {
  const room = columns.linesEnd - linesWidth - gap;
  const length = Math.max(2, (row.lines / columns.most) * columns.width);
  return markup`
<g><title>${tooltip(row, columns)}</title>
<text x="0" y="${y + 14}">${fitText(row.label, room)}</text>
${figures(row, y + 14, columns)}
<rect class="track" x="0" y="${y + 22}" width="${columns.width}" height="8" rx="2"/>
<rect class="bar" x="0" y="${y + 22}" width="${length}" height="8" rx="2"/></g>`;
}

function figures(row: Row, y: number, columns: Columns): Markup {
  return markup`<text x="${columns.linesEnd}" y="${y}" text-anchor="end">${formatNumber(row.lines)}</text>
<text class="muted" x="${columns.width}" y="${y}" text-anchor="end">${formatShare(row.lines, columns.total)}</text>`;
}

function tooltip(row: Row, columns: Columns): string {
  return `${row.label}: ${formatNumber(row.lines)} lines, ${formatShare(row.lines, columns.total)}`;
}
