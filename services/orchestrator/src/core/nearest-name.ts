import { suggestionNamesMax, suggestionsMax } from "./definition-limits.ts";
import type { Findings } from "./problem.ts";

const distanceMax = 2;

/** `; did you mean "x"?` when one of the names is a slip away, else nothing. */
export function didYouMean(findings: Findings, name: string, names: Iterable<string>): string {
  if (findings.suggestions >= suggestionsMax) return "";
  findings.suggestions++;
  const nearest = nearestName(name, names);
  return nearest === undefined ? "" : `; did you mean "${nearest}"?`;
}

/** The name with the fewest slips to `name`: at most two, and fewer than half of its letters. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let limit = Math.min(distanceMax, Math.floor((name.length - 1) / 2));
  let looked = 0;
  for (const candidate of names) {
    if (++looked > suggestionNamesMax || limit < 0) break;
    const slips = distance(name, candidate, limit);
    if (slips > limit) continue;
    nearest = candidate;
    limit = slips - 1;
  }
  return nearest;
}

/** Levenshtein's distance, by Wagner and Fischer's rows; gives up with Infinity beyond the limit. */
function distance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) > limit) return Number.POSITIVE_INFINITY;
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const change = previous[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(change, previous[column]! + 1, current[column - 1]! + 1));
    }
    if (Math.min(...current) > limit) return Number.POSITIVE_INFINITY;
    previous = current;
  }
  return previous[to.length]!;
}
