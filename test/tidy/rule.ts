import type { House } from "./house.ts";

/** One breach of a rule, with the way out of it. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly problem: string;
  readonly instead: string;
}

/** A rule of the house; it sees everything and lists all its breaches at once. */
export interface Rule {
  readonly name: string;
  check(house: House): readonly Violation[];
}

/** One line per breach: `path:line  rule: problem; instead`. */
export function report(rule: Rule, violations: readonly Violation[]): string {
  return violations
    .map(({ path, line, problem, instead }) => `${path}:${line}  ${rule.name}: ${problem}; ${instead}`)
    .join("\n");
}
