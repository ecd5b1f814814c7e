import { type FigureName, type Figures, figureNames, medianFigures } from "./figures.ts";
import { type Ratio, ratiosOf } from "./goals.ts";
import type { Machine } from "./machine.ts";
import type { PhaseName } from "./phases.ts";
import { mean } from "./statistics.ts";

/** All that a report tells; the medians over the runs are its own. */
export type Results = { readonly machine: Machine; readonly runs: readonly RunResult[] };

/** What one whole run has shown. */
export type RunResult = {
  readonly figures: Figures;
  readonly wrong: readonly Wrong[];
  /** Cores that processes other than the bench's kept busy meanwhile. */
  readonly othersCores: number;
};

/** Executions of a phase that failed or gave a wrong output, and what was wrong with the first. */
export type Wrong = { readonly phase: PhaseName; readonly count: number; readonly first: string };

const meanings: Readonly<Record<FigureName, string>> = {
  raw_unary_per_s: "bare grpc-js, unary calls, 256 in flight",
  raw_unary_p50_ms: "bare grpc-js, one unary call at a time",
  raw_parts_p50_ms: "bare grpc-js and a file: a call, then 4 durable writes with 3 echoes between them",
  raw_bidi_per_s: "bare grpc-js, one stream, 256 messages in flight",
  w1_p50_ms: "3 steps in sequence, one execution at a time",
  w1_p99_ms: "the same",
  w2_64_steps_per_s: "3 steps in sequence, 64 in flight",
  w2_256_steps_per_s: "3 steps in sequence, 256 in flight",
  w2_256_p50_ms: "the same, whole executions",
  w2_256_p99_ms: "the same",
  w3_p50_ms: "100 parallel steps, all outputs in the result",
  w4_starts_per_s: "durable starts by 256 starters, while they run",
  w5_steps_per_s: "30 steps in sequence, 256 in flight",
  rss_mb: "memory of the orchestrator's process at the end",
};

/** One line of JSON: the figures by name, the ratios, the machine. */
export function renderJson({ machine, runs }: Results): string {
  const ofRuns = runs.map((run) => run.figures);
  const figures = medianFigures(ofRuns);
  const wrong = runs.flatMap((run) => run.wrong);
  const entries = figureNames.flatMap((name) => {
    const value = figures[name];
    return value === undefined ? [] : [[name, rounded(value)] as const];
  });
  const ratios = ratiosOf(ofRuns).map((ratio) => ({ ...ratio, value: rounded(ratio.value) }));
  return JSON.stringify({
    ...Object.fromEntries(entries),
    wrong,
    runs: runs.length,
    others_cores: rounded(othersCores(runs)),
    ratios,
    machine,
  });
}

/** A table of the figures, and one of the ratios with their goals. */
export function renderTable({ machine, runs }: Results): string {
  const ofRuns = runs.map((run) => run.figures);
  const figures = medianFigures(ofRuns);
  const rows = figureNames.flatMap((name) => {
    const value = figures[name];
    return value === undefined ? [] : [[name, figureText(value), meanings[name]]];
  });
  const title = runs.length === 1 ? "measured" : `median of ${runs.length}`;
  const lines = [
    ...columns([["figure", title, "what it is"], ...rows]),
    "",
    ...columns([["ratio", "measured", "goal", ""], ...ratiosOf(ofRuns).map(ratioRow)]),
    "",
    `${machine.cores} cores (${machine.cpu}), Node ${machine.node}`,
    `other processes kept ${othersCores(runs).toFixed(2)} cores busy meanwhile`,
  ];
  for (const { phase, count, first } of runs.flatMap(({ wrong }) => wrong))
    lines.push(`WRONG: ${count} executions of ${phase} failed or gave a wrong output; the first: ${first}`);
  return `${lines.join("\n")}\n`;
}

function othersCores(runs: readonly RunResult[]): number {
  return mean(runs.map((run) => run.othersCores));
}

function ratioRow({ figure, reference, bound, factor, value, isMet }: Ratio): string[] {
  const goal = `${bound === "at-least" ? "≥" : "≤"} ${factor}`;
  return [`${figure} / ${reference}`, rounded(value).toString(), goal, isMet ? "met" : "MISSED"];
}

/** A figure as people read it. */
export function figureText(value: number): string {
  return rounded(value).toLocaleString("en");
}

/** Three digits that count; whole from 100 on. */
function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** The first column to the left, the second to the right, the others to the left. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, index) =>
        index === 1 ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}
