import { labelLengthMax } from "./definition-limits.ts";
import { memberField } from "./field-path.ts";
import { isJsonObject, type JsonValue } from "./json.ts";
import { addProblem, type Findings } from "./problem.ts";
import { kindOf } from "./tree-reader.ts";

/** Labels: keys and values of up to 63 characters. Those that are wrong are left out. */
export function checkLabels(
  value: JsonValue,
  field: string,
  labelsMax: number,
  findings: Findings,
): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) {
    addProblem(findings, field, `must be an object, is ${kindOf(value)}`);
    return {};
  }
  const entries = Object.entries(value);
  if (entries.length > labelsMax)
    addProblem(findings, field, `has ${entries.length} labels; the limit is ${labelsMax}`);
  const labels = entries.flatMap(([key, label]) => {
    const problem = labelProblem(key, label);
    if (problem === undefined) return [[key, label as string] as const];
    addProblem(findings, memberField(field, key), problem);
    return [];
  });
  // fromEntries defines its keys, so that one named __proto__ is a label like any other.
  return Object.fromEntries(labels);
}

function labelProblem(key: string, label: JsonValue): string | undefined {
  if (key === "" || key.length > labelLengthMax)
    return `the label's key must have 1 to ${labelLengthMax} characters`;
  if (typeof label !== "string") return `must be text, is ${kindOf(label)}`;
  return label.length > labelLengthMax ? `must not be longer than ${labelLengthMax} characters` : undefined;
}
