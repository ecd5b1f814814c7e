import { rules } from "../check/findings.ts";
import { formatBytes, formatNumber, formatShare } from "../numbers.ts";
import { kindNames } from "./chart/kind-band.ts";
import {
  checkedSentence,
  type ProblemGroup,
  placeOf,
  problemGroups,
  problemSentence,
  type ReportContent,
  sizeSentence,
  stateParts,
  stepsTaken,
} from "./content.ts";
import { visible } from "./markup.ts";

/** Problems listed per group; the work folder has all. */
const listedMax = 50;

/** The charts beside a Markdown report: links to them, and what they say. */
export type ChartLinks = readonly { readonly href: string; readonly alt: string }[];

/** The report as GitHub-flavoured Markdown. */
export function markdownReport(content: ReportContent, charts: ChartLinks): string {
  const { branch, commit, time } = stateParts(content);
  const state = [
    ...(branch === null ? [] : [text(branch)]),
    ...(commit === null ? [] : [code(commit)]),
    time,
  ];
  const images = charts.map(({ href, alt }) => `![${text(alt)}](${href})`);
  const sections = [
    `# ${text(content.header.name)}`,
    state.join(" · "),
    `${text(sizeSentence(content))} ${problemSentence(content)}`,
    ...problemSection(content),
    ...(content.measures.totals.files === 0 ? [] : measureSections(content, images)),
    "## How this was made",
    stepsTaken(content)
      .map(([step, did], index) => `${index + 1}. **${step}** ${did}.`)
      .join("\n"),
    `Execution ${code(content.execution)} of the workflow ${code("repository-report")}.`,
  ];
  return `${sections.join("\n\n")}\n`;
}

function problemSection(content: ReportContent): string[] {
  const groups = problemGroups(content.findings).map(problemList);
  const dropped = content.findings.dropped;
  return [
    "## Problems",
    checkedSentence(content),
    ...(groups.length === 0 ? ["None."] : groups),
    ...(dropped === 0 ? [] : [`${formatNumber(dropped)} more were counted, not kept.`]),
  ];
}

function problemList({ rule, severity, problems }: ProblemGroup): string {
  const items = problems.slice(0, listedMax).map((problem) => {
    const place = placeOf(problem);
    return `- ${place === null ? "" : `${code(place)}: `}${message(problem.message)}`;
  });
  const more = problems.length - items.length;
  const rest = more === 0 ? [] : [`- and ${formatNumber(more)} more, in ${code("work/findings.json")}`];
  return [`### ${rules[rule]} (${severity})`, "", ...items, ...rest].join("\n");
}

function measureSections({ measures }: ReportContent, images: readonly string[]): string[] {
  const written = measures.languages.reduce((sum, each) => sum + each.lines, 0);
  return [
    ...images,
    "## Languages",
    table(
      ["Language", "Files", "Lines", "Share"],
      measures.languages.map(({ language, files, lines }) => [
        text(language),
        formatNumber(files),
        formatNumber(lines),
        formatShare(lines, written),
      ]),
    ),
    "## What the files are for",
    table(
      ["Kind", "Files", "Lines", "Size"],
      measures.kinds.map(({ kind, files, lines, bytes }) => [
        kindNames[kind],
        formatNumber(files),
        formatNumber(lines),
        formatBytes(bytes),
      ]),
    ),
    "## Longest files",
    table(
      ["File", "Lines"],
      measures.longest.map((file) => [cell(file.path), formatNumber(file.lines)]),
    ),
    "## Biggest files",
    table(
      ["File", "Size"],
      measures.biggest.map((file) => [cell(file.path), formatBytes(file.bytes)]),
    ),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, index) => (index === 0 ? "---" : "---:"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** A message, its names in backticks set as code. */
function message(raw: string): string {
  return raw.split("`").reduce((made, part, index) => made + (index % 2 === 0 ? text(part) : code(part)), "");
}

/** Text that Markdown must not read as anything else. */
function text(raw: string): string {
  return visible(raw).replace(/[\\`*_{}[\]<>#|~!&]/g, "\\$&");
}

/** A code span, fenced by more backticks than it holds. */
function code(raw: string): string {
  const shown = visible(raw);
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  const pad = longest > 0 ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** In a table, even code must not hold a bare `|`. */
function cell(raw: string): string {
  return code(raw).replaceAll("|", "\\|");
}
