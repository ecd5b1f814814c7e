import type { FileKind } from "../../collect/languages.ts";
import type { Measures } from "../../measure/measures.ts";
import { formatNumber, formatShare, plural } from "../../numbers.ts";
import { type Markup, markup } from "../markup.ts";
import type { Chart } from "./chart.ts";
import { fitText, smallTextSize, textWidth } from "./text-fit.ts";

/** What a kind of file is called in a legend. */
export const kindNames: Readonly<Record<FileKind, string>> = {
  code: "Code",
  test: "Tests",
  docs: "Docs",
  config: "Config",
  data: "Data",
  generated: "Generated",
  asset: "Assets",
  other: "Other",
};

const bandHeight = 30;
const legendTop = bandHeight + 26;
const legendRow = 42;
const swatchWidth = 18;
/** A legend's entry takes this, or what its figures need. */
const entryWidthMin = 112;
const entryGap = 12;
/** Less can't be seen. */
const partWidthMin = 3;
const partGap = 2;

/** One band, divided by what the lines are for, and its legend. */
export function kindBand(kinds: Measures["kinds"], width: number): Chart {
  const shown = kinds.filter((kind) => kind.lines > 0);
  const total = shown.reduce((sum, kind) => sum + kind.lines, 0);
  const needed = shown.map((kind) => textWidth(figures(kind, total), smallTextSize) + swatchWidth + entryGap);
  const entryWidth = Math.min(width, Math.max(entryWidthMin, ...needed));
  const columns = Math.floor(width / entryWidth);
  const legend = shown.map((kind, index) => {
    const x = (index % columns) * entryWidth;
    const y = legendTop + Math.floor(index / columns) * legendRow;
    return legendEntry(kind, x, y, entryWidth - swatchWidth, total);
  });
  const spoken = shown.map((kind) => `${kindNames[kind.kind]} ${formatShare(kind.lines, total)}`).join(", ");
  return {
    title: "Lines by what they are for",
    description: `Of ${formatNumber(total)} lines: ${spoken}.`,
    width,
    height: legendTop + Math.ceil(shown.length / columns) * legendRow - 20,
    body: markup`${band(shown, width, total)}${legend}`,
  };
}

function band(kinds: Measures["kinds"], width: number, total: number): Markup[] {
  // Every part gets the least that can be seen, then its share of what is left.
  const room = width - kinds.length * partWidthMin - (kinds.length - 1) * partGap;
  let x = 0;
  return kinds.map((kind) => {
    const part = partWidthMin + (kind.lines / total) * room;
    const rect = markup`<rect class="${kind.kind}" x="${x}" y="0" width="${part}" height="${bandHeight}" rx="2"><title>${kindNames[kind.kind]}: ${plural(kind.lines, "line")}, ${formatShare(kind.lines, total)}</title></rect>`;
    x += part + partGap;
    return rect;
  });
}

function legendEntry(
  kind: Measures["kinds"][number],
  x: number,
  y: number,
  room: number,
  total: number,
): Markup {
  return markup`
<rect class="${kind.kind}" x="${x}" y="${y - 10}" width="11" height="11" rx="2"/>
<text x="${x + swatchWidth}" y="${y}">${fitText(kindNames[kind.kind], room)}</text>
<text class="muted small" x="${x + swatchWidth}" y="${y + 17}">${figures(kind, total)}</text>`;
}

function figures(kind: Measures["kinds"][number], total: number): string {
  return `${formatNumber(kind.lines)} · ${formatShare(kind.lines, total)}`;
}
