import type { Span } from "./statistics.ts";

/** What one counted stretch of bare calls has shown. */
export type RawObservation = {
  readonly window: Span;
  /** Of each call that came back within the window, in milliseconds. */
  readonly latenciesMs: Float64Array;
};

/**
 * What one counted stretch of a workload has shown: the moments of each execution, by index, of those that
 * ran outside the window too.
 */
export type EngineObservation = {
  readonly window: Span;
  readonly startedMs: Float64Array;
  /** When the start was acknowledged, and so durable. */
  readonly acknowledgedMs: Float64Array;
  readonly endedMs: Float64Array;
  /** Executions that did not succeed, or whose output was not what the steps make of the input. */
  readonly wrong: number;
  /** The first of them, in words. */
  readonly firstWrong: string | undefined;
};
