import { attributesOf, type ExportedSpan } from "../mesh/traced-run.ts";

/** A row of the drawing: a span, as deep as it stands in the tree. */
type Row = { readonly span: ExportedSpan; readonly depth: number };

const labelWidth = 330;
const chartWidth = 560;
const rowHeight = 20;
const top = 34;
const margin = 12;
const ticksMax = 8;

const style = `
  svg { color-scheme: light dark; --ink: #1b1d22; --muted: #5d636e; --rule: #dfe1e4; --paper: #fcfcfb;
    --step: #b9bec5; --send: #3f52a8; --bad: #b3261e; --agent: #1f8a80; --own: #8cc5bf; }
  @media (prefers-color-scheme: dark) { svg { --ink: #e7e9ec; --muted: #a0a7b2; --rule: #30343b; --paper: #15171b;
    --step: #525963; --send: #8d9df2; --bad: #ff9288; --agent: #57c2b5; --own: #2c6a63; } }
  text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; fill: var(--ink); }
  .small { font-size: 10px; } .muted { fill: var(--muted); } .paper { fill: var(--paper); } .rule { stroke: var(--rule); }
  .step { fill: var(--step); } .send { fill: var(--send); } .bad { fill: var(--bad); }
  .agent { fill: var(--agent); } .own { fill: var(--own); }
  .event { fill: var(--paper); stroke: var(--ink); }`;

/** One trace as a timeline in SVG: a bar for each span, a dot for each of its events, all at their own times. */
export function drawTrace(spans: readonly ExportedSpan[]): string {
  const rows = rowsOf(spans, rootOf(spans), 0);
  const startMs = Math.min(...spans.map(({ startTimeUnixNano }) => msOf(startTimeUnixNano)));
  const endMs = Math.max(...spans.map(({ endTimeUnixNano }) => msOf(endTimeUnixNano)));
  const xOf = (ms: number): number => round(labelWidth + ((ms - startMs) / (endMs - startMs)) * chartWidth);
  const height = top + rows.length * rowHeight + margin;
  const width = labelWidth + chartWidth + margin * 2;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Timeline of a trace">`,
    `<style>${style}\n</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...axis(startMs, endMs, xOf, height),
    ...rows.flatMap((row, index) => drawRow(row, top + index * rowHeight, xOf)),
    "</svg>",
  ];
  return `${lines.join("\n")}\n`;
}

function rootOf(spans: readonly ExportedSpan[]): ExportedSpan {
  const root = spans.find(({ name }) => name.startsWith("weft.execution "));
  if (!root) throw new Error("the export has no execution");
  return root;
}

function rowsOf(spans: readonly ExportedSpan[], span: ExportedSpan, depth: number): readonly Row[] {
  const children = spans
    .filter(({ parentSpanId }) => parentSpanId === span.spanId)
    .toSorted((one, other) => msOf(one.startTimeUnixNano) - msOf(other.startTimeUnixNano));
  return [{ span, depth }, ...children.flatMap((child) => rowsOf(spans, child, depth + 1))];
}

function axis(
  startMs: number,
  endMs: number,
  xOf: (ms: number) => number,
  height: number,
): readonly string[] {
  const tickMs = [50, 100, 200, 500, 1_000].find((ms) => (endMs - startMs) / ms <= ticksMax) ?? 5_000;
  const ticks = Array.from(
    { length: Math.floor((endMs - startMs) / tickMs) + 1 },
    (_, index) => index * tickMs,
  );
  return ticks.flatMap((ms) => {
    const x = xOf(startMs + ms);
    return [
      `<line class="rule" x1="${x}" y1="${top - 8}" x2="${x}" y2="${height - margin}"/>`,
      `<text class="muted" x="${x}" y="${top - 14}" text-anchor="middle">${ms} ms</text>`,
    ];
  });
}

function drawRow({ span, depth }: Row, y: number, xOf: (ms: number) => number): readonly string[] {
  const x = xOf(msOf(span.startTimeUnixNano));
  const width = Math.max(2, round(xOf(msOf(span.endTimeUnixNano)) - x));
  const events = (span.events ?? []).map(({ name, timeUnixNano }) => ({ name, at: xOf(msOf(timeUnixNano)) }));
  const dots = events.map(({ at }) => `<circle class="event" cx="${at}" cy="${y + 10}" r="3"/>`);
  const names = escaped(events.map(({ name }) => name).join(", "));
  const last = Math.max(...events.map(({ at }) => at));
  // Where there is room: after the last dot, or before the bar.
  const [at, anchor] = last < labelWidth + chartWidth / 2 ? [last + 6, "start"] : [x - 6, "end"];
  return [
    `<text x="${margin + depth * 14}" y="${y + 14}">${escaped(labelOf(span))}</text>`,
    `<rect class="${classOf(span)}" x="${x}" y="${y + 4}" width="${width}" height="12" rx="2"><title>${escaped(tipOf(span))}</title></rect>`,
    ...dots,
    ...(names === ""
      ? []
      : [`<text class="small" text-anchor="${anchor}" x="${at}" y="${y + 14}">${names}</text>`]),
  ];
}

function labelOf(span: ExportedSpan): string {
  const { "weft.agent.id": agent } = attributesOf(span);
  const links = (span.links ?? []).map((link) => ` (${String(attributesOf(link)["weft.link"])})`).join("");
  return `${span.name}${typeof agent === "string" ? ` → ${agent}` : ""}${links}`;
}

function tipOf({ service, status, startTimeUnixNano, endTimeUnixNano }: ExportedSpan): string {
  const took = round(msOf(endTimeUnixNano) - msOf(startTimeUnixNano));
  return `${service}, ${took} ms${status.message ? `, ${status.message}` : ""}`;
}

function classOf({ service, name, status }: ExportedSpan): string {
  if (status.code === 2) return "bad";
  if (name.startsWith("weft.send ")) return "send";
  if (name.startsWith("weft.handler ")) return "agent";
  return service === "weft-orchestrator" ? "step" : "own";
}

/** Within a trace of seconds a double of milliseconds is exact enough for a drawing. */
function msOf(unixNano: string): number {
  return Number(BigInt(unixNano) / 1_000n) / 1_000;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
