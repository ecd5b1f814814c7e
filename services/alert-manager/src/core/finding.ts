import type { Labels } from "./alert.ts";
import { formatDuration } from "./duration.ts";
import { examplesMax } from "./limits.ts";
import { namesOf, subjectKey } from "./subject-key.ts";

/** That a condition holds, and of what. */
export type Finding = {
  readonly labels: Labels;
  readonly annotations: Labels;
};

/** The times by which a signal judges, in UTC milliseconds. */
export type Moment = {
  readonly nowMs: number;
  /**
   * Up to here the logs are known. What is overdue, or has been silent, is judged by this: while the logs are
   * still being read, or can't be, silence says nothing.
   */
  readonly knownMs: number;
};

type Group = { count: number; longestMs: number; readonly examples: string[] };

/** Gathers what is late, so that ten thousand late executions of a workflow are one finding. */
export class LateOnes {
  readonly #names: readonly string[];
  readonly #groups = new Map<string, Group>();

  /** The labels of the findings. */
  constructor(...names: readonly string[]) {
    this.#names = names;
  }

  add(values: readonly string[], id: string, lateMs: number): void {
    const key = subjectKey(...values);
    const group = this.#groups.get(key) ?? { count: 0, longestMs: 0, examples: [] };
    this.#groups.set(key, group);
    group.count += 1;
    group.longestMs = Math.max(group.longestMs, lateMs);
    if (group.examples.length < examplesMax) group.examples.push(id);
  }

  findings(): readonly Finding[] {
    return [...this.#groups].map(([key, { count, longestMs, examples }]) => ({
      labels: labelsOf(this.#names, namesOf(key)),
      annotations: {
        count: String(count),
        examples: examples.join(", "),
        longest: roughly(longestMs),
      },
    }));
  }
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** Rounded down, the more the longer it is: what grows with every second is no news every second. */
function roughly(ms: number): string {
  const step =
    [hourMs, 15 * minuteMs, 5 * minuteMs, minuteMs].find((step) => ms >= 5 * step) ?? 10 * secondMs;
  return formatDuration(Math.floor(ms / step) * step);
}

/** A label without a value is left out. */
export function labelsOf(names: readonly string[], values: readonly string[]): Labels {
  const pairs = names.map((name, place) => [name, values[place] ?? ""] as const);
  return Object.fromEntries(pairs.filter(([, value]) => value !== ""));
}
