import { describe, expect, it } from "vitest";
import { figuresOf, medianFigures } from "./figures.ts";
import type { EngineObservation, RawObservation } from "./observation.ts";
import type { EnginePhaseName, RawPhaseName } from "./phases.ts";

const window = { fromMs: 1_000, toMs: 2_000 };

/** Executions as [started, acknowledged, ended]. */
function observation(...executions: readonly (readonly [number, number, number])[]): EngineObservation {
  return {
    window,
    startedMs: Float64Array.from(executions, ([startedMs]) => startedMs),
    acknowledgedMs: Float64Array.from(executions, ([, acknowledgedMs]) => acknowledgedMs),
    endedMs: Float64Array.from(executions, ([, , endedMs]) => endedMs),
    wrong: 0,
    firstWrong: undefined,
  };
}

const rawFigures = (phase: RawPhaseName, observations: readonly RawObservation[]) =>
  figuresOf(observations.map((observation) => ({ kind: "raw", phase, observation })));

const engineFigures = (phase: EnginePhaseName, observations: readonly EngineObservation[]) =>
  figuresOf(observations.map((observation) => ({ kind: "engine", phase, observation })));

describe("bare calls", () => {
  it("are counted per second of all their windows together", () => {
    const calls = { window, latenciesMs: Float64Array.from([1, 2, 3, 4]) };
    expect(rawFigures("raw_unary", [calls, calls])).toEqual({ raw_unary_per_s: 4 });
    expect(rawFigures("raw_bidi", [calls])).toEqual({ raw_bidi_per_s: 4 });
    expect(rawFigures("raw_unary_one", [calls, calls])).toEqual({ raw_unary_p50_ms: 2 });
    expect(rawFigures("raw_parts", [calls])).toEqual({ raw_parts_p50_ms: 2 });
  });
});

describe("a workload", () => {
  it("counts the steps of an execution at the edge for the part inside the window", () => {
    const seen = observation(
      [1_200, 1_250, 1_300],
      [900, 950, 1_100],
      [1_950, 1_960, 2_150],
      [100, 110, 120],
    );
    expect(engineFigures("w2_64", [seen])).toEqual({ w2_64_steps_per_s: 3 * (1 + 0.5 + 0.25) });
    expect(engineFigures("w5", [seen])).toEqual({ w5_steps_per_s: 30 * 1.75 });
  });

  it("takes latencies of the executions that ended within the window", () => {
    const seen = observation([900, 950, 1_005], [1_000, 1_001, 1_007], [1_990, 1_995, 2_000]);
    expect(engineFigures("w1", [seen])).toEqual({ w1_p50_ms: 7, w1_p99_ms: 105 });
    expect(engineFigures("w3", [seen, seen])).toEqual({ w3_p50_ms: 7 });
  });

  it("counts a start when it is acknowledged within the window, whenever it ends", () => {
    const seen = observation([990, 1_010, 5_000], [1_980, 1_999, 9_000], [1_990, 2_000, 9_000]);
    expect(engineFigures("w4", [seen])).toEqual({ w4_starts_per_s: 2 });
  });
});

describe("the figures of several runs", () => {
  it("are medians, each of the runs that have it", () => {
    const runs = [{ rss_mb: 1, w3_p50_ms: 5 }, { rss_mb: 9 }, { rss_mb: 2 }];
    expect(medianFigures(runs)).toEqual({ rss_mb: 2, w3_p50_ms: 5 });
  });
});
