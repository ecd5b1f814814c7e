import { checkDefinition } from "../core/check-definition.ts";
import type { Definition } from "../core/definition.ts";
import type { ExpressionParser } from "../core/expression.ts";
import type { DefinitionLimits } from "../core/limits.ts";
import type { Plan } from "../core/plan.ts";
import type { Problem } from "../core/problem.ts";
import { type LocatedProblem, type Rejection, rejection } from "../core/rejection.ts";
import { type Workflow, workflowOf } from "../core/workflow.ts";
import { parseAhead } from "./parse-ahead.ts";

/** A definition as it arrives: YAML or JSON text, or a tree. */
export type DefinitionSource =
  | { readonly kind: "document"; readonly text: string }
  | { readonly kind: "tree"; readonly tree: unknown };

export type ParsedDocument =
  | { readonly ok: true; readonly tree: unknown; readonly lineOf: (field: string) => number | undefined }
  | { readonly ok: false; readonly problems: readonly LocatedProblem[] };

/** Reads YAML or JSON text into a tree, yet unchecked. */
export type DocumentParser = (text: string) => ParsedDocument;

/** Every mistake and warning of a source, with lines where it is text; the plan of one that is sound but for cycles. */
export type CheckedSource = {
  readonly problems: readonly LocatedProblem[];
  readonly warnings: readonly LocatedProblem[];
  /** Set when there are no problems other than cycles. */
  readonly planned?: { readonly definition: Definition; readonly plan: Plan };
};

/** Checks text, however long that takes, and holds nobody up. Refuses it while too much waits for that. */
export type TextCheck = (text: string) => Promise<CheckedSource | Rejection>;

export function checkText(text: string, parse: DocumentParser, limits: DefinitionLimits): CheckedSource {
  const parsed = parse(text);
  return parsed.ok ? checkTreeNow(parsed.tree, limits, parsed) : { problems: parsed.problems, warnings: [] };
}

/** The workflow, or the rejection that lists every problem. */
export function compiledOf({ problems, warnings, planned }: CheckedSource): CompiledSource | Rejection {
  if (problems.length > 0 || !planned) return definitionRejected(problems);
  return { kind: "compiled", workflow: workflowOf(planned.definition, planned.plan), warnings };
}

export type CompiledSource = {
  readonly kind: "compiled";
  readonly workflow: Workflow;
  readonly warnings: readonly LocatedProblem[];
};

export function definitionRejected(problems: readonly LocatedProblem[]): Rejection {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  return rejection("DEFINITION_INVALID", `the definition has ${count}`, { problems });
}

/** Checks a tree and holds nobody up. */
export async function checkTree(tree: unknown, limits: DefinitionLimits): Promise<CheckedSource> {
  return checkTreeNow(tree, limits, { parse: await parseAhead(tree, limits) });
}

type Reading = {
  readonly lineOf?: (field: string) => number | undefined;
  readonly parse?: ExpressionParser;
};

function checkTreeNow(
  tree: unknown,
  limits: DefinitionLimits,
  { lineOf = () => undefined, parse }: Reading,
): CheckedSource {
  const check = checkDefinition(tree, limits, parse);
  const located = (problems: readonly Problem[]) => problems.map((problem) => locate(problem, lineOf));
  const warnings = located(check.warnings);
  if (check.status === "invalid") return { problems: located(check.problems), warnings };
  const planned = { definition: check.definition, plan: check.plan };
  return { problems: check.status === "cyclic" ? located(check.problems) : [], warnings, planned };
}

function locate(problem: Problem, lineOf: (field: string) => number | undefined): LocatedProblem {
  const line = lineOf(problem.field);
  return line === undefined ? problem : { ...problem, line };
}
