import { workflows } from "./engine/workflows.ts";
import type { EngineObservation, RawObservation } from "./observation.ts";
import type { EnginePhaseName, RawPhaseName } from "./phases.ts";
import { isInside, median, percentile, type Span, shareInside } from "./statistics.ts";

/** What is measured, in the order of the report. */
export const figureNames = [
  "raw_unary_per_s",
  "raw_unary_p50_ms",
  "raw_parts_p50_ms",
  "raw_bidi_per_s",
  "w1_p50_ms",
  "w1_p99_ms",
  "w2_64_steps_per_s",
  "w2_256_steps_per_s",
  "w2_256_p50_ms",
  "w2_256_p99_ms",
  "w3_p50_ms",
  "w4_starts_per_s",
  "w5_steps_per_s",
  "rss_mb",
] as const;

export type FigureName = (typeof figureNames)[number];
/** What was not measured is missing. */
export type Figures = Readonly<Partial<Record<FigureName, number>>>;

/** What was seen of one phase, once. */
export type Seen =
  | { readonly kind: "raw"; readonly phase: RawPhaseName; readonly observation: RawObservation }
  | { readonly kind: "engine"; readonly phase: EnginePhaseName; readonly observation: EngineObservation };

/** The figures of all phases seen. Those seen more than once are pooled. */
export function figuresOf(seen: readonly Seen[]): Figures {
  const raw = seen.filter((one) => one.kind === "raw");
  const engine = seen.filter((one) => one.kind === "engine");
  const figures: Figures[] = [];
  for (const [phase, all] of Map.groupBy(raw, (one) => one.phase))
    figures.push(
      rawFigures(
        phase,
        all.map((one) => one.observation),
      ),
    );
  for (const [phase, all] of Map.groupBy(engine, (one) => one.phase))
    figures.push(
      engineFigures(
        phase,
        all.map((one) => one.observation),
      ),
    );
  return Object.assign({}, ...figures) as Figures;
}

function rawFigures(phase: RawPhaseName, observations: readonly RawObservation[]): Figures {
  const latenciesMs = observations.flatMap((observation) => [...observation.latenciesMs]);
  const perSecond = latenciesMs.length / secondsOf(observations);
  switch (phase) {
    case "raw_unary":
      return { raw_unary_per_s: perSecond };
    case "raw_unary_one":
      return { raw_unary_p50_ms: percentile(latenciesMs, 50) };
    case "raw_parts":
      return { raw_parts_p50_ms: percentile(latenciesMs, 50) };
    case "raw_bidi":
      return { raw_bidi_per_s: perSecond };
  }
}

function engineFigures(phase: EnginePhaseName, observations: readonly EngineObservation[]): Figures {
  const latenciesMs = observations.flatMap(latenciesOf);
  const p50 = percentile(latenciesMs, 50);
  const p99 = percentile(latenciesMs, 99);
  switch (phase) {
    case "w1":
      return { w1_p50_ms: p50, w1_p99_ms: p99 };
    case "w2_64":
      return { w2_64_steps_per_s: stepsPerSecond(observations, workflows["three-steps"].stepCount) };
    case "w2_256": {
      const w2_256_steps_per_s = stepsPerSecond(observations, workflows["three-steps"].stepCount);
      return { w2_256_steps_per_s, w2_256_p50_ms: p50, w2_256_p99_ms: p99 };
    }
    case "w3":
      return { w3_p50_ms: p50 };
    case "w4":
      return { w4_starts_per_s: startsPerSecond(observations) };
    case "w5":
      return { w5_steps_per_s: stepsPerSecond(observations, workflows["thirty-steps"].stepCount) };
  }
}

/** Of each figure the median over runs. */
export function medianFigures(runs: readonly Figures[]): Figures {
  const medians = figureNames.flatMap((name) => {
    const values = runs.flatMap((figures) => figures[name] ?? []);
    return values.length === 0 ? [] : [[name, median(values)] as const];
  });
  return Object.fromEntries(medians);
}

function latenciesOf({ window, startedMs, endedMs }: EngineObservation): readonly number[] {
  const latenciesMs: number[] = [];
  for (const [index, endMs] of endedMs.entries())
    if (isInside(window, endMs)) latenciesMs.push(endMs - startedMs[index]!);
  return latenciesMs;
}

/** An execution that lies partly outside the window counts for the part within, its steps spread evenly. */
function stepsPerSecond(observations: readonly EngineObservation[], stepCount: number): number {
  const executions = sum(
    observations.flatMap(({ window, startedMs, endedMs }) =>
      Array.from(endedMs, (toMs, index) => shareInside(window, { fromMs: startedMs[index]!, toMs })),
    ),
  );
  return (executions * stepCount) / secondsOf(observations);
}

function startsPerSecond(observations: readonly EngineObservation[]): number {
  const starts = sum(
    observations.map(
      ({ window, acknowledgedMs }) => acknowledgedMs.filter((momentMs) => isInside(window, momentMs)).length,
    ),
  );
  return starts / secondsOf(observations);
}

function secondsOf(observations: readonly { readonly window: Span }[]): number {
  return sum(observations.map(({ window }) => window.toMs - window.fromMs)) / 1_000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
