import { labelsMax } from "./limits.ts";
import type { Matchers } from "./matcher.ts";
import type { Problem } from "./problem.ts";
import { openObject, type Place, readTexts, refuse } from "./tree-reader.ts";

const labelName = /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/;
const patternsMax = 100;

/** Reads matchers: label to pattern, or to a list of patterns. `known`: the labels there are; undefined: any. */
export function readMatchers(
  value: unknown,
  field: string,
  problems: Problem[],
  known?: readonly string[],
): Matchers {
  const given = Object.keys(Object(value));
  const place = openObject(value, field, known ?? given, problems);
  if (!place) return {};
  if (given.length > labelsMax) problems.push({ field, message: `must have at most ${labelsMax} labels` });
  const read = given.slice(0, labelsMax).map((label) => [label, patternsAt(place, label)] as const);
  return Object.fromEntries(read);
}

export function isLabelName(text: string): boolean {
  return labelName.test(text);
}

function patternsAt(place: Place, label: string): readonly string[] {
  if (!isLabelName(label)) refuse(place, label, "is no name of a label: letters, digits and _");
  const patterns = readTexts(place, label, patternsMax);
  if (patterns?.length === 0) refuse(place, label, "must have at least one pattern");
  return patterns ?? [];
}
