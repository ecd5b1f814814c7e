import { type Markup, markup, trusted } from "../markup.ts";
import { paletteCss } from "../palette.ts";

/** A drawing, and what it says in words. */
export interface Chart {
  readonly title: string;
  /** For those who can't see it: the same facts in a sentence. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly body: Markup;
}

/** A chart for a page that has the palette already. */
export function inlineSvg(chart: Chart, className: string): Markup {
  return markup`<svg class="chart ${className}" role="img" aria-label="${labelOf(chart)}" viewBox="0 0 ${chart.width} ${chart.height}" width="${chart.width}" height="${chart.height}">${chart.body}</svg>`;
}

const margin = 16;

/** A chart as a file of its own, on its own paper: its viewer's background is unknown. */
export function svgFile(chart: Chart): string {
  const width = chart.width + 2 * margin;
  const height = chart.height + 2 * margin;
  const svg = markup`<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="${labelOf(chart)}" viewBox="${-margin} ${-margin} ${width} ${height}" width="${width}" height="${height}">
<title>${chart.title}</title>
<style>${trusted(paletteCss)}</style>
<rect x="${-margin}" y="${-margin}" width="${width}" height="${height}" rx="6" style="fill: var(--paper)"/>
${chart.body}
</svg>
`;
  return svg.markup;
}

function labelOf(chart: Chart): string {
  return `${chart.title}. ${chart.description}`;
}
