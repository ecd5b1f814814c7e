import { formatBytes } from "../numbers.ts";
import type { Snapshot } from "../snapshot.ts";
import { type Problem, quoted, type Rule, type Severity } from "./findings.ts";
import type { PathIndex } from "./path-index.ts";

/** A bigger file makes every clone slower. */
export const fileBytesMax = 1024 * 1024;
/** A bigger file is refused by GitHub. */
export const hostedBytesMax = 100 * 1024 * 1024;

const readme = /^(?:docs\/|\.github\/)?readme(?:\.[a-z]+)?$/i;
const licence = /^(?:licen[cs]e|copying|unlicense)(?:[-._][^/]*)?$|^licenses\//i;

/** What can be wrong with the files as a whole, by their names and sizes. */
export function checkTree(snapshot: Snapshot, paths: PathIndex): Problem[] {
  const names = [...snapshot.files, ...snapshot.symlinks].map((each) => each.path);
  const problems: Problem[] = [];
  const report = (rule: Rule, severity: Severity, path: string | null, message: string) =>
    problems.push({ rule, severity, path, line: null, message });

  if (!names.some((name) => readme.test(name))) {
    report("missing-readme", "warning", null, "Nothing tells a newcomer what this is.");
  }
  if (!names.some((name) => licence.test(name))) {
    report("missing-licence", "warning", null, "Without one, nobody may use this.");
  }
  for (const file of snapshot.files) {
    if (file.bytes > hostedBytesMax) {
      report("oversized-file", "error", file.path, `${formatBytes(file.bytes)}; GitHub refuses such files`);
    } else if (file.bytes > fileBytesMax) {
      report("oversized-file", "warning", file.path, `${formatBytes(file.bytes)} in every clone`);
    }
  }
  for (const [first, ...others] of paths.clashes) {
    const also = others.map(quoted).join(", ");
    report("case-clash", "warning", first ?? null, `the same name as ${also} where case is ignored`);
  }
  return problems;
}
