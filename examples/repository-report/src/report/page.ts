import { formatBytes, formatNumber, formatShare } from "../numbers.ts";
import { type Chart, inlineSvg } from "./chart/chart.ts";
import { folderMap } from "./chart/folder-map.ts";
import { kindBand } from "./chart/kind-band.ts";
import { languageBars } from "./chart/language-bars.ts";
import { problemSentence, type ReportContent, sizeSentence, stateParts, stepsTaken } from "./content.ts";
import { breakable, type Markup, markup, nothing, trusted } from "./markup.ts";
import { pageCss } from "./page-style.ts";
import { paletteCss } from "./palette.ts";
import { problemSection } from "./problem-section.ts";

/** Widths that charts are drawn for; the page shows the one that fits its window. */
const bandWidth = 936;
const deskWidth = 708;
const phoneWidth = 350;

/** The report as one HTML file that needs nothing else: no script, no font, no network. */
export function htmlReport(content: ReportContent): string {
  const { name } = content.header;
  const body = content.measures.totals.files === 0 ? nothing : measureSections(content);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${name}: repository report</title>
<style>${trusted(paletteCss)}${trusted(pageCss)}</style>
</head>
<body>
<main>
${pageHeader(content)}
${problemSection(content)}
${body}
${makingSection(content)}
</main>
</body>
</html>
`.markup;
}

function pageHeader(content: ReportContent): Markup {
  const { branch, commit, time } = stateParts(content);
  const at = commit === null ? nothing : markup`<code>${commit}</code> · `;
  const { kinds } = content.measures;
  const hasLines = kinds.some((kind) => kind.lines > 0);
  return markup`<header>
<h1>${content.header.name}</h1>
<p class="state">${branch === null ? "" : `${branch} · `}${at}<time datetime="${content.header.collectedAt}">${time}</time></p>
<p class="lead">${sizeSentence(content)} <a href="#problems">${problemSentence(content)}</a></p>
${hasLines ? figure(kindBand(kinds, bandWidth), kindBand(kinds, phoneWidth)) : nothing}
</header>`;
}

function measureSections(content: ReportContent): Markup {
  const { languages, folders, longest, biggest } = content.measures;
  const bars = languages.length === 0 ? nothing : languageSection(content);
  const map = folders.length === 0 ? nothing : folderSection(content);
  return markup`${bars}
${map}
<section>
<div><h2>Largest files</h2><p class="about">The longest that people wrote, and the biggest of all.</p></div>
<div class="pair">
${fileTable(
  "Longest",
  "Lines",
  longest.map((file) => [file.path, formatNumber(file.lines)]),
)}
${fileTable(
  "Biggest",
  "Size",
  biggest.map((file) => [file.path, formatBytes(file.bytes)]),
)}
</div>
</section>`;
}

function languageSection({ measures: { languages } }: ReportContent): Markup {
  const total = languages.reduce((sum, each) => sum + each.lines, 0);
  const rows = languages.map(
    ({ language, files, lines }) =>
      markup`<tr><td>${language}</td><td>${formatNumber(files)}</td><td>${formatNumber(lines)}</td><td>${formatShare(lines, total)}</td></tr>\n`,
  );
  return markup`<section>
<div><h2>Languages</h2><p class="about">Lines that people wrote: code, tests, docs and configuration, not data or generated files.</p></div>
<div>
${figure(languageBars(languages, deskWidth), languageBars(languages, phoneWidth))}
<details><summary>All of them, as a table</summary>
<table><thead><tr><th>Language</th><th>Files</th><th>Lines</th><th>Share</th></tr></thead><tbody>
${rows}</tbody></table></details>
</div>
</section>`;
}

function folderSection({ measures: { folders, totals } }: ReportContent): Markup {
  const about = `${formatBytes(totals.bytes)} in all. Area is size; colour is what most of it is for, as above.`;
  return markup`<section>
<div><h2>Where the size is</h2><p class="about">${about}</p></div>
${figure(folderMap(folders, deskWidth, 440), folderMap(folders, phoneWidth, 480))}
</section>`;
}

function fileTable(title: string, unit: string, rows: readonly (readonly [string, string])[]): Markup {
  if (rows.length === 0) return nothing;
  const body = rows.map(
    ([path, size]) => markup`<tr><td><code>${breakable(path)}</code></td><td>${size}</td></tr>\n`,
  );
  return markup`<table><thead><tr><th>${title}</th><th>${unit}</th></tr></thead><tbody>
${body}</tbody></table>`;
}

function makingSection(content: ReportContent): Markup {
  const steps = stepsTaken(content).map(
    ([step, did]) => markup`<li><b>${step}</b><span>${did}</span></li>\n`,
  );
  return markup`<section>
<div><h2>How this was made</h2><p class="about">A Weft workflow of five steps, run by three agents.</p></div>
<div><ol class="steps">
${steps}</ol>
<p class="execution">Execution <code>${content.execution}</code></p></div>
</section>`;
}

/** One chart, drawn for both widths. */
function figure(desk: Chart, phone: Chart): Markup {
  return markup`<figure>${inlineSvg(desk, "desk")}${inlineSvg(phone, "phone")}</figure>`;
}
