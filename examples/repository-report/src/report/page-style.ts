/** The look of the page. Its colours are the palette's. */
export const pageCss = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
main { max-width: 1000px; margin: 0 auto; padding: 72px 32px 96px; }
h1 { margin: 0; font-size: clamp(36px, 6vw, 56px); line-height: 1.05; letter-spacing: -0.03em; font-weight: 680; }
h2 { margin: 0; font-size: 17px; line-height: 1.4; font-weight: 640; letter-spacing: -0.005em; }
h3 { margin: 28px 0 6px; font-size: 15px; font-weight: 600; display: flex; gap: 10px; align-items: baseline; flex-wrap: wrap; }
p { margin: 0; max-width: 64ch; }
code { font: 0.86em/1.5 ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, monospace; }
.state { margin-top: 14px; color: var(--muted); }
.lead { margin: 28px 0 44px; font-size: clamp(19px, 2.4vw, 23px); line-height: 1.42; letter-spacing: -0.01em; text-wrap: pretty; }
.lead a { color: inherit; text-decoration-color: var(--muted); text-decoration-thickness: 1px; text-underline-offset: 4px; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--code); outline-offset: 3px; border-radius: 2px; }
section { display: grid; grid-template-columns: 196px minmax(0, 1fr); gap: 12px 32px;
  margin-top: 64px; padding-top: 20px; border-top: 1px solid var(--rule); }
section > div > :first-child { margin-top: 0; }
.about { color: var(--muted); font-size: 14px; line-height: 1.5; margin-top: 6px; }
figure { margin: 0; }
svg.chart { display: block; width: 100%; height: auto; }
svg.phone { display: none; }
ul.problems { list-style: none; margin: 0; padding: 0; }
ul.problems li { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 24px; align-items: baseline; padding: 6px 0;
  border-top: 1px solid var(--rule); font-size: 15px; line-height: 1.5; }
ul.problems li > :only-child { grid-column: 1 / -1; }
ul.problems li:first-child { border-top: 0; }
.place { color: var(--muted); }
.severity { font-size: 13px; font-weight: 600; }
.severity::before { content: ""; display: inline-block; width: 9px; height: 9px; margin-right: 7px; background: currentColor; }
.error { color: var(--error); } .error::before { border-radius: 50%; }
.warning { color: var(--warning); } .warning::before { clip-path: polygon(50% 0, 100% 100%, 0 100%); }
.note { color: var(--note); } .note::before { height: 3px; margin-bottom: 3px; }
.count { color: var(--muted); font-weight: 400; }
details { margin-top: 18px; }
summary { cursor: pointer; color: var(--muted); font-size: 14px; width: fit-content; }
table { width: 100%; border-collapse: collapse; font-size: 15px; }
details table { margin-top: 10px; }
th { text-align: left; font-weight: 400; font-size: 14px; color: var(--muted); padding: 0 0 6px; }
td { padding: 6px 0; border-top: 1px solid var(--rule); vertical-align: baseline; }
th + th, td + td { text-align: right; white-space: nowrap; padding-left: 20px; }
.pair { display: grid; gap: 40px; }
ol.steps { margin: 0; padding: 0; list-style: none; }
ol.steps li { display: grid; grid-template-columns: 88px minmax(0, 1fr); padding: 5px 0; }
ol.steps b { font-weight: 600; }
.execution { margin-top: 18px; color: var(--muted); font-size: 14px; }
@media (max-width: 760px) {
  main { padding: 40px 20px 64px; }
  section { grid-template-columns: minmax(0, 1fr); gap: 18px; margin-top: 48px; }
  ul.problems li { grid-template-columns: minmax(0, 1fr); }
  svg.desk { display: none; }
  svg.phone { display: block; }
}
@media print {
  main { max-width: none; padding: 0; }
  section { break-inside: avoid; }
}
`;
