import type { FigureName, Figures } from "./figures.ts";
import { median } from "./statistics.ts";

/** A figure of Weft in proportion to the same run's figure of bare grpc-js. Absolute figures don't carry over. */
type Goal = {
  readonly figure: FigureName;
  readonly reference: FigureName;
  readonly bound: "at-least" | "at-most";
  readonly factor: number;
};

export type Ratio = Goal & { readonly value: number; readonly isMet: boolean };

const goals: readonly Goal[] = [
  { figure: "w2_256_steps_per_s", reference: "raw_unary_per_s", bound: "at-least", factor: 0.8 },
  { figure: "w5_steps_per_s", reference: "raw_unary_per_s", bound: "at-least", factor: 1.2 },
  { figure: "w1_p50_ms", reference: "raw_unary_p50_ms", bound: "at-most", factor: 8 },
  { figure: "w1_p50_ms", reference: "raw_parts_p50_ms", bound: "at-most", factor: 2 },
  { figure: "w3_p50_ms", reference: "raw_unary_p50_ms", bound: "at-most", factor: 30 },
  { figure: "w4_starts_per_s", reference: "raw_unary_per_s", bound: "at-least", factor: 0.35 },
];

/** The median over runs of each ratio: the two figures of one run were measured on the same machine's mood. */
export function ratiosOf(runs: readonly Figures[]): readonly Ratio[] {
  return goals.flatMap((goal) => {
    const values = runs.flatMap((figures) => quotient(figures[goal.figure], figures[goal.reference]));
    if (values.length === 0) return [];
    const value = median(values);
    return [
      { ...goal, value, isMet: goal.bound === "at-least" ? value >= goal.factor : value <= goal.factor },
    ];
  });
}

function quotient(figure: number | undefined, reference: number | undefined): number[] {
  return figure === undefined || reference === undefined ? [] : [figure / reference];
}
