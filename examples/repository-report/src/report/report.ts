import { findingsSchema } from "../check/findings.ts";
import { type DocumentReading, readDocument } from "../document.ts";
import { measuresSchema } from "../measure/measures.ts";
import { readSnapshot, type SnapshotReading } from "../snapshot.ts";
import type { StepControls } from "../step-controls.ts";
import type { WorkFolder } from "../work-folder.ts";
import { writeWhole } from "../write-whole.ts";
import { type Chart, svgFile } from "./chart/chart.ts";
import { folderMap } from "./chart/folder-map.ts";
import { kindBand } from "./chart/kind-band.ts";
import { languageBars } from "./chart/language-bars.ts";
import { problemSentence, type ReportContent, sizeSentence } from "./content.ts";
import { markdownReport } from "./markdown.ts";
import { htmlReport } from "./page.ts";

/** What a report is made of: paths that earlier steps gave. */
export interface Reporting {
  readonly execution: string;
  readonly snapshot: string;
  readonly measures: string;
  readonly findings: string;
}

/** A report's place; or what was missing for it. */
export type Reported =
  | { readonly kind: "reported"; readonly content: ReportContent; readonly summary: string }
  | Exclude<SnapshotReading | DocumentReading<never>, { kind: "read" }>;

const chartWidth = 720;

/** Writes the report in Markdown, with its charts beside it, and in HTML. */
export async function report(
  reporting: Reporting,
  into: WorkFolder,
  controls: StepControls,
): Promise<Reported> {
  const reading = await readSnapshot(reporting.snapshot, controls.signal);
  if (reading.kind !== "read") return reading;
  const measures = await readDocument(measuresSchema, reporting.measures);
  if (measures.kind !== "read") return measures;
  const findings = await readDocument(findingsSchema, reporting.findings);
  if (findings.kind !== "read") return findings;
  const { header, end } = reading.snapshot;
  const content: ReportContent = {
    execution: reporting.execution,
    header,
    end,
    measures: measures.content,
    findings: findings.content,
  };
  controls.progress(0.4, "writing the report");
  controls.signal.throwIfAborted();
  await write(content, into);
  controls.progress(1, "report written");
  return { kind: "reported", content, summary: `${sizeSentence(content)} ${problemSentence(content)}` };
}

async function write(content: ReportContent, into: WorkFolder): Promise<void> {
  const charts = chartsOf(content);
  for (const [name, chart] of charts) await writeWhole(into.chart(name), svgFile(chart));
  const links = charts.map(([name, chart]) => ({
    href: `charts/${name}.svg`,
    alt: `${chart.title}. ${chart.description}`,
  }));
  await writeWhole(into.markdown, markdownReport(content, links));
  await writeWhole(into.html, htmlReport(content));
}

function chartsOf({ measures }: ReportContent): (readonly [string, Chart])[] {
  const { kinds, languages, folders } = measures;
  return [
    ...(kinds.some((kind) => kind.lines > 0) ? [["kinds", kindBand(kinds, chartWidth)] as const] : []),
    ...(languages.length > 0 ? [["languages", languageBars(languages, chartWidth)] as const] : []),
    ...(folders.length > 0 ? [["folders", folderMap(folders, chartWidth, 420)] as const] : []),
  ];
}
