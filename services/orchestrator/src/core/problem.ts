import { problemsMax } from "./definition-limits.ts";

/** A mistake or a warning in a definition. */
export type Problem = {
  /** Where, such as `steps[2].dependsOn[0]`; empty for the definition as a whole. */
  readonly field: string;
  readonly message: string;
};

/** What one check has found so far: the one thing in it that changes. */
export type Findings = {
  readonly problems: Problem[];
  readonly warnings: Problem[];
  suggestions: number;
};

/** Nothing found yet. */
export function newFindings(): Findings {
  return { problems: [], warnings: [], suggestions: 0 };
}

/** Notes a mistake. */
export function addProblem(findings: Findings, field: string, message: string): void {
  findings.problems.push({ field, message });
}

/** Notes what is allowed and hardly meant. */
export function addWarning(findings: Findings, field: string, message: string): void {
  findings.warnings.push({ field, message });
}

/** At most `problemsMax` of them, and one that tells how many more there are. */
export function listed(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= problemsMax) return problems;
  const more = problems.length - problemsMax;
  return [...problems.slice(0, problemsMax), { field: "", message: `and ${more} more` }];
}

/** Text from outside, in quotes and cut to a length that fits a message. */
export function quoted(text: string): string {
  const shownMax = 80;
  return JSON.stringify(text.length > shownMax ? `${text.slice(0, shownMax)}…` : text);
}
