import { createHash } from "node:crypto";
import { join } from "node:path";

/** Where everything of one execution lies. */
export interface WorkFolder {
  readonly snapshot: string;
  readonly measures: string;
  readonly findings: string;
  readonly markdown: string;
  readonly html: string;
  chart(name: string): string;
}

const folderNameMax = 80;

/** The files of an execution: the same for every step and attempt, so a step that runs twice writes one place. */
export function workFolder(reportFolder: string, executionId: string): WorkFolder {
  const folder = join(reportFolder, folderName(executionId));
  return {
    snapshot: join(folder, "work", "snapshot.ndjson"),
    measures: join(folder, "work", "measures.json"),
    findings: join(folder, "work", "findings.json"),
    markdown: join(folder, "report.md"),
    html: join(folder, "report.html"),
    chart: (name) => join(folder, "charts", `${name}.svg`),
  };
}

function folderName(executionId: string): string {
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(executionId) && executionId.length <= folderNameMax)
    return executionId;
  // Two ids that differ only in the characters replaced must not share a folder.
  const digest = createHash("sha256").update(executionId).digest("hex").slice(0, 12);
  return `${executionId.replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, folderNameMax - 13)}-${digest}`;
}
