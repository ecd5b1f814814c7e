import type { CelResult, CelValue } from "./cel-library.ts";
import type { Meter } from "./cel-meter.ts";
import type { Patterns } from "./cel-pattern.ts";

/** What an evaluation works with beside its operands. */
export type Tools = { readonly meter: Meter; readonly patterns: Patterns };

/** The library's own function of the same name; undefined when it has none for these operands. */
export type Standard = (operands: readonly CelValue[]) => CelResult | undefined;

/**
 * What a function of the language does, with a method's object as the first operand. Undefined: there is
 * none for these operands.
 */
export type Operation = (
  tools: Tools,
  operands: readonly CelValue[],
  standard: Standard,
) => CelResult | undefined;

/** Calls that the reading of an expression puts into it; no author can write such names. */
export const hidden = {
  /** `x.member` and `x[index]`, with what the author calls x. */
  member: "@member",
  /** `has(x.member)` */
  has: "@has",
  /** The range of a macro, with what one turn of it costs. */
  range: "@range",
  /** A list that a macro fills. */
  collection: "@collection",
  /** Adds to such a list. */
  collect: "@collect",
  /** A condition that may not be a boolean. */
  condition: "@condition",
} as const;
