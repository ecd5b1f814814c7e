import { isJsonObject, type JsonValue } from "./json.ts";
import { didYouMean } from "./nearest-name.ts";
import { type Findings, quoted } from "./problem.ts";

/**
 * The names that an expression may read from `vars`. `any`: they are not known before an execution, for an
 * expression gives the whole object. `none`: there is no `vars` yet where the expression is evaluated.
 */
export type VariableNames = ReadonlySet<string> | "any" | "none";

const noNames: VariableNames = new Set<string>();

/** The names that a `vars` tree defines. */
export function variableNames(tree: JsonValue | undefined): VariableNames {
  if (tree === undefined) return noNames;
  return isJsonObject(tree) ? new Set(Object.keys(tree)) : "any";
}

/** The names that a step sees: its own lie over the workflow's. */
export function joinVariables(workflow: VariableNames, step: VariableNames): VariableNames {
  if (step === noNames) return workflow;
  return typeof workflow === "string" || typeof step === "string" ? "any" : new Set([...workflow, ...step]);
}

/** What is wrong with a read of this name, or, without one, of the whole of `vars`; undefined when nothing is. */
export function variableProblem(
  name: string | undefined,
  names: VariableNames,
  findings: Findings,
): string | undefined {
  if (names === "none") return "vars cannot be read by the workflow's own vars";
  if (name === undefined || names === "any" || names.has(name)) return undefined;
  return `vars has no ${quoted(name)}${didYouMean(findings, name, names)}`;
}

const quotedText = String.raw`"""[^]*?"""|'''[^]*?'''|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`;
const comment = String.raw`\/\/[^\n]*`;
const member = String.raw`\.\s*(?<name>[A-Za-z_]\w*)|\[\s*(?<key>"[^"\\]*"|'[^'\\]*')\s*\]`;
// In this order: what is quoted, a comment, or a member of something else reads no variable.
const words = new RegExp(
  String.raw`${quotedText}|${comment}|\.\s*\w+|(?<vars>\bvars\b)\s*(?:${member})?|\w+`,
  "g",
);

/** The members of `vars` that an expression's source reads; undefined for a read of the whole. */
export function variablesIn(source: string): readonly (string | undefined)[] {
  if (!source.includes("vars")) return [];
  return [...source.matchAll(words)]
    .filter(({ groups }) => groups?.["vars"] !== undefined)
    .map(({ groups }) => groups?.["name"] ?? groups?.["key"]?.slice(1, -1));
}
