import type { FileKind } from "../collect/languages.ts";
import { formatNumber } from "../numbers.ts";
import type { Problem, Rule, Severity } from "./findings.ts";

/** Lines of one source file that a reader can still hold. */
export const sourceLinesMax = 1_000;

const keyHeader = /^[ \t]*-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----/;
/** A test's key opens nothing. */
const keySeverity: Partial<Record<FileKind, Severity>> = { test: "note", docs: "note" };

/** What can be wrong with the text of any one file. */
export function checkText(file: { path: string; kind: FileKind }, text: string): Problem[] {
  const lines = text.split("\n");
  const problems: Problem[] = [];
  const report = (rule: Rule, severity: Severity, line: number | null, message: string) =>
    problems.push({ rule, severity, path: file.path, line, message });

  const conflict = conflictAt(lines);
  if (conflict !== null) report("conflict-marker", "error", conflict, "an unresolved merge conflict");
  const key = lines.findIndex((line) => keyHeader.test(line));
  if (key !== -1) {
    report(
      "private-key",
      keySeverity[file.kind] ?? "error",
      key + 1,
      "a private key; who reads this can use it",
    );
  }
  const carriage = lines.filter((line) => line.endsWith("\r")).length;
  const newlines = lines.length - 1;
  if (carriage > 0 && carriage < newlines && file.kind !== "generated") {
    report(
      "mixed-line-endings",
      "note",
      null,
      `${formatNumber(carriage)} lines end in CRLF, ${formatNumber(newlines - carriage)} in LF`,
    );
  }
  if ((file.kind === "code" || file.kind === "test") && newlines > sourceLinesMax) {
    report("long-file", "note", null, `${formatNumber(newlines)} lines`);
  }
  return problems;
}

/** The line of a conflict's start, if its middle and end follow: `=======` alone underlines headings. */
function conflictAt(lines: readonly string[]): number | null {
  let start: number | null = null;
  let middle = false;
  for (const [index, line] of lines.entries()) {
    if (/^<{7}(?: |\r?$)/.test(line)) {
      start = index + 1;
      middle = false;
    } else if (start !== null && /^={7}\r?$/.test(line)) middle = true;
    else if (start !== null && middle && /^>{7}(?: |\r?$)/.test(line)) return start;
  }
  return null;
}
