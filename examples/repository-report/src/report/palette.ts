/** The colours of page and charts, by name, for light and dark. Kinds of files have theirs: `--code` and so on. */
const light = `
  --paper: #fcfcfb; --ink: #1b1d22; --muted: #5d636e; --rule: #dfe1e4; --wash: #f2f3f4;
  --error: #b3261e; --warning: #8a5a00; --note: #4a5568;
  --code: #3f52a8; --test: #1f8a80; --docs: #c08a1e; --config: #8b5aa9;
  --data: #b9553f; --generated: #8d949e; --asset: #6c8f36; --other: #b9bec5;`;

const dark = `
  --paper: #15171b; --ink: #e7e9ec; --muted: #a0a7b2; --rule: #30343b; --wash: #1e2126;
  --error: #ff9288; --warning: #e9b85c; --note: #a9b4c4;
  --code: #8d9df2; --test: #57c2b5; --docs: #e3b458; --config: #c39bdd;
  --data: #ea8d76; --generated: #737b87; --asset: #a4c56c; --other: #525963;`;

/** The palette, and what charts need to be drawn in it. */
export const paletteCss = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
.chart { overflow: visible; }
.chart text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-size: 13px; fill: var(--ink); font-variant-numeric: tabular-nums; }
.chart .muted { fill: var(--muted); }
.chart .strong { font-weight: 600; }
.chart .small { font-size: 12px; }
.chart .track { fill: var(--wash); }
.chart .bar { fill: var(--code); }
.chart .frame { fill: var(--wash); }
.chart .tint { fill-opacity: 0.26; }
.code { fill: var(--code); } .test { fill: var(--test); } .docs { fill: var(--docs); }
.config { fill: var(--config); } .data { fill: var(--data); } .generated { fill: var(--generated); }
.asset { fill: var(--asset); } .other { fill: var(--other); }
`;
