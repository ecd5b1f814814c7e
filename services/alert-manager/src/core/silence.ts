import type { Labels } from "./alert.ts";
import { type Matchers, matches } from "./matcher.ts";

/** Mutes the alerts that it matches: they are shown, and nobody is told. UTC milliseconds. */
export type Silence = {
  readonly id: string;
  readonly matchers: Matchers;
  readonly startsAtMs: number;
  readonly untilMs: number;
  readonly by: string;
  readonly comment: string;
};

export function isInForce({ startsAtMs, untilMs }: Silence, atMs: number): boolean {
  return startsAtMs <= atMs && atMs < untilMs;
}

export function silences(silence: Silence, labels: Labels, atMs: number): boolean {
  return isInForce(silence, atMs) && matches(silence.matchers, labels);
}
