import { readMatchers } from "./check-matchers.ts";
import { commentLengthMax, silenceMsMax, textLengthMax } from "./limits.ts";
import type { Matchers } from "./matcher.ts";
import type { Problem } from "./problem.ts";

/** What somebody asks to be silenced. UTC milliseconds. */
export type SilenceRequest = {
  /** The same one makes the same silence once; undefined: another each time. */
  readonly requestId?: string;
  readonly matchers: Matchers;
  /** Undefined: from now on. */
  readonly startsAtMs?: number;
  readonly untilMs: number;
  readonly by: string;
  readonly comment: string;
};

/** Every mistake in a request for a silence. */
export function checkSilence(request: SilenceRequest, nowMs: number): readonly Problem[] {
  const { matchers, startsAtMs = nowMs, untilMs, by, comment } = request;
  const problems: Problem[] = [];
  readMatchers(matchers, "matchers", problems);
  if (Object.keys(matchers).length === 0)
    problems.push({
      field: "matchers",
      message: "must be at least one: a silence of everything hides everything",
    });
  if (untilMs <= Math.max(startsAtMs, nowMs))
    problems.push({ field: "until", message: "must be after now and after its start" });
  else if (untilMs - nowMs > silenceMsMax)
    problems.push({ field: "until", message: "must be within a year" });
  return [...problems, ...checkAuthor(by, comment)];
}

/** Who does it, and why. */
export function checkAuthor(by: string, comment: string): readonly Problem[] {
  const problems: Problem[] = [];
  if (by === "" || by.length > textLengthMax)
    problems.push({ field: "by", message: `must have 1 to ${textLengthMax} characters` });
  if (comment.length > commentLengthMax)
    problems.push({ field: "comment", message: `must have at most ${commentLengthMax} characters` });
  return problems;
}
