import type { Findings, Problem, Rule, Severity } from "../check/findings.ts";
import type { Measures } from "../measure/measures.ts";
import { formatNumber, formatShare, formatTime, plural } from "../numbers.ts";
import type { Snapshot } from "../snapshot.ts";

/** Everything a report tells, in whatever form. */
export interface ReportContent {
  readonly execution: string;
  readonly header: Snapshot["header"];
  readonly end: Snapshot["end"];
  readonly measures: Measures;
  readonly findings: Findings;
}

/** Problems of one rule and severity. */
export interface ProblemGroup {
  readonly rule: Rule;
  readonly severity: Severity;
  readonly problems: readonly Problem[];
}

/** What is there, in a sentence or two. */
export function sizeSentence({ measures }: ReportContent): string {
  const { files, lines } = measures.totals;
  if (files === 0) return "There are no files here.";
  const verb = files === 1 ? "holds" : "hold";
  const size = `${plural(files, "file")} ${verb} ${plural(lines, "line")}.`;
  const written = measures.languages.reduce((sum, each) => sum + each.lines, 0);
  const first = measures.languages[0];
  if (first === undefined || first.lines === 0) return size;
  const share = formatShare(first.lines, written);
  return first.lines === written
    ? `${size} All that people wrote is ${first.language}.`
    : `${size} Of what people wrote, ${share} is ${first.language}.`;
}

/** How many problems there are, by severity. */
export function problemSentence({ findings }: ReportContent): string {
  const { error, warning, note } = findings.counts;
  const parts = [
    ...(error > 0 ? [plural(error, "error")] : []),
    ...(warning > 0 ? [plural(warning, "warning")] : []),
    ...(note > 0 ? [plural(note, "note")] : []),
  ];
  const last = parts.pop();
  if (last === undefined) return "No problems were found.";
  const list = parts.length === 0 ? last : `${parts.join(", ")} and ${last}`;
  return `The checks found ${list}.`;
}

/** What was looked at to find the problems. */
export function checkedSentence({ findings }: ReportContent): string {
  const { textFiles, markdownFiles, links } = findings.checked;
  const read = `${plural(textFiles, "text file")} read`;
  const followed =
    markdownFiles === 0
      ? ""
      : `, ${plural(links, "relative link")} in ${plural(markdownFiles, "Markdown file")} followed`;
  const unread = findings.unchecked === 0 ? "" : `; ${plural(findings.unchecked, "file")} too large or gone`;
  return `${read}${followed}${unread}.`;
}

/** Which state of the repository this is about: branch, commit and time. */
export function stateParts({ header }: ReportContent): {
  branch: string | null;
  commit: string | null;
  time: string;
} {
  return {
    branch: header.head?.branch ?? null,
    commit: header.head?.commit.slice(0, 7) ?? null,
    time: formatTime(header.collectedAt),
  };
}

/** The steps that led to the report, each with what it did. */
export function stepsTaken({
  end,
  measures,
  findings,
}: ReportContent): readonly (readonly [string, string])[] {
  const left = [
    ...(end.ignored > 0 ? [`left out ${formatNumber(end.ignored)} by .gitignore`] : []),
    ...(end.symlinks > 0 ? [`passed ${plural(end.symlinks, "symbolic link")}`] : []),
    ...(end.unreadable > 0 ? [`could not read ${formatNumber(end.unreadable)}`] : []),
  ];
  const uncounted =
    measures.uncounted === 0 ? "" : `; ${formatNumber(measures.uncounted)} were too large or gone`;
  const problems = findings.counts.error + findings.counts.warning + findings.counts.note;
  return [
    [
      "collect",
      [`walked ${plural(end.folders, "folder")} and sorted ${plural(end.files, "file")}`, ...left].join(", "),
    ],
    [
      "measure",
      `counted ${plural(measures.totals.lines, "line")} in ${plural(measures.languages.length, "language")}${uncounted}`,
    ],
    ["check", `found ${plural(problems, "problem")}, at the same time as measure`],
    ["report", "waited for both, and wrote this"],
    ["notify", "comes next, and adds a line to notifications.ndjson"],
  ];
}

/** Problems by rule, in the order they come: worst first. */
export function problemGroups(findings: Findings): ProblemGroup[] {
  const groups = Map.groupBy(findings.problems, (problem) => `${problem.severity}/${problem.rule}`);
  return [...groups.values()].flatMap((problems) => {
    const first = problems[0];
    return first === undefined ? [] : [{ rule: first.rule, severity: first.severity, problems }];
  });
}

/** Where a problem is, as `path:line`. */
export function placeOf(problem: Problem): string | null {
  return problem.line === null ? problem.path : `${problem.path}:${problem.line}`;
}
