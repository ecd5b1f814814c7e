import { nameLengthMax } from "./definition-limits.ts";

const workflowName = /^[a-z0-9-]+$/;
const capability = /^[a-z0-9.-]+$/;
const stepId = /^[a-z][a-z0-9_]*$/;
// CEL's own words: `steps.in.output` would not parse.
const celKeywords: ReadonlySet<string> = new Set(["true", "false", "null", "in"]);

/** What is wrong with the name of a workflow; undefined when nothing is. */
export function workflowNameProblem(name: string): string | undefined {
  if (workflowName.test(name) && name.length <= nameLengthMax) return undefined;
  return `must be 1 to ${nameLengthMax} of a-z, 0-9 and "-"`;
}

/** What is wrong with a capability; undefined when nothing is. */
export function capabilityProblem(name: string): string | undefined {
  if (capability.test(name) && name.length <= nameLengthMax) return undefined;
  return `must be 1 to ${nameLengthMax} of a-z, 0-9, "-" and "."`;
}

/** What is wrong with the id of a step; undefined when nothing is. */
export function stepIdProblem(id: string): string | undefined {
  if (celKeywords.has(id)) return "is a word of the expression language";
  if (stepId.test(id) && id.length <= nameLengthMax) return undefined;
  return `must be a letter a-z, then up to ${nameLengthMax - 1} of a-z, 0-9 and "_"`;
}
