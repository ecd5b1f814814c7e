import { warnOfConditions } from "./check-conditions.ts";
import { checkLabels } from "./check-labels.ts";
import { checkMention, indexSteps, type Links, linkSteps } from "./check-links.ts";
import { readRetry } from "./check-retry.ts";
import { readDescription, readStep, readTimeout, type StepContext, type StepDraft } from "./check-step.ts";
import { readTemplate, readVars, type TemplateRules } from "./check-template.ts";
import { checkTree } from "./check-tree.ts";
import type { Definition, Mode, OnFailure, Step } from "./definition.ts";
import { workflowVersionMax } from "./definition-limits.ts";
import { type ExpressionParser, parseExpression } from "./expression.ts";
import { elementField } from "./field-path.ts";
import type { JsonValue } from "./json.ts";
import { type DefinitionLimits, defaultDefinitionLimits } from "./limits.ts";
import { workflowNameProblem } from "./names.ts";
import { type Plan, plan } from "./plan.ts";
import { addProblem, type Findings, listed, newFindings, type Problem } from "./problem.ts";
import { defaultRetry } from "./retry.ts";
import type { Template } from "./template.ts";
import {
  type Keys,
  kindOf,
  openObject,
  type Place,
  readChoice,
  readNumber,
  readText,
  readValue,
  requireKey,
} from "./tree-reader.ts";

/**
 * What a check finds. `cyclic`: the cycles are its only problems, so there is a plan to show them in;
 * such a definition must not run. `invalid`: every problem that could be told apart.
 */
export type DefinitionCheck = { readonly warnings: readonly Problem[] } & (
  | { readonly status: "valid"; readonly definition: Definition; readonly plan: Plan }
  | {
      readonly status: "cyclic";
      readonly definition: Definition;
      readonly plan: Plan;
      readonly problems: readonly Problem[];
    }
  | { readonly status: "invalid"; readonly problems: readonly Problem[] }
);

const modes: readonly Mode[] = ["sequential", "parallel", "dependency"];
const failureModes: readonly OnFailure[] = ["fail", "continue"];

const keys: Keys = {
  known: new Set([
    "workflow",
    "version",
    "mode",
    "timeout",
    "onFailure",
    "retry",
    "steps",
    "output",
    "labels",
    "description",
    "vars",
  ]),
  later: new Set(["sla", "maxParallel"]),
};

/** Steps that a cycle's message names before it says how many more there are. */
const cycleNamesMax = 20;

/** Checks a definition as its author wrote it, from any source; finds all its problems at once. */
export function checkDefinition(
  tree: unknown,
  limits: DefinitionLimits = defaultDefinitionLimits,
  parse: ExpressionParser = parseExpression,
): DefinitionCheck {
  const checked = checkTree(tree, limits.definitionBytesMax);
  if (!checked.ok) return { status: "invalid", problems: [checked.problem], warnings: [] };
  const findings = newFindings();
  const place = openObject(checked.tree, "", keys, findings);
  return place === undefined ? invalid(findings) : checkWorkflow(place, limits, parse);
}

function checkWorkflow(place: Place, limits: DefinitionLimits, parse: ExpressionParser): DefinitionCheck {
  const { findings } = place;
  const header = readHeader(place, limits);
  const { vars, variables } = readWorkflowVars(place, { ...limits, parse });
  const rules: TemplateRules = { expressionLengthMax: limits.expressionLengthMax, variables, parse };
  const retry = readRetry(place) ?? defaultRetry;
  const context = { mode: header.mode, workflowTimeoutMs: header.timeoutMs, retry, rules };
  const drafts = readSteps(place, context, limits.stepsMax);
  const links: Links = { mode: header.mode, indexOf: indexSteps(drafts, findings), findings };
  const planned = plan(linkSteps(links, drafts));
  checkFanOut(planned, limits.fanOutMax, findings);
  const output = readOutput(place, rules, links);
  const definition = findings.problems.length > 0 ? undefined : assemble(header, drafts, { vars, output });
  for (const cycle of planned.cycles) addCycle(cycle, drafts, findings);
  if (definition === undefined) return invalid(findings);
  warnOfConditions(definition, planned, findings);
  const warnings = listed(findings.warnings);
  if (planned.cycles.length === 0) return { status: "valid", definition, plan: planned, warnings };
  return { status: "cyclic", definition, plan: planned, problems: listed(findings.problems), warnings };
}

type Header = Omit<Definition, "name" | "version" | "mode" | "steps" | "vars" | "output"> & {
  readonly name: string | undefined;
  readonly version: number | undefined;
  readonly mode: Mode | undefined;
};

function readHeader(place: Place, { labelsMax }: DefinitionLimits): Header {
  for (const key of ["workflow", "version", "steps"]) requireKey(place, key);
  const onFailure = readOnFailure(place);
  const timeoutMs = readTimeout(place);
  const description = readDescription(place);
  const labels = readValue(place, "labels");
  return {
    name: readText(place, "workflow", workflowNameProblem),
    version: readNumber(place, "version", { min: 1, max: workflowVersionMax }),
    mode: readValue(place, "mode") === undefined ? "dependency" : readChoice(place, "mode", modes),
    labels: labels === undefined ? {} : checkLabels(labels, "labels", labelsMax, place.findings),
    onFailure,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(description === undefined ? {} : { description }),
    tree: place.object,
  };
}

function readOnFailure(place: Place): OnFailure {
  if (readValue(place, "onFailure") !== "compensate") {
    return readChoice(place, "onFailure", failureModes) ?? "fail";
  }
  addProblem(place.findings, "onFailure", '"compensate" is not supported by this release');
  return "fail";
}

/** Rendered before any step, they can read no step and none of themselves. */
function readWorkflowVars(place: Place, { expressionLengthMax, parse }: Omit<TemplateRules, "variables">) {
  const { template, reads, names } = readVars(place, { expressionLengthMax, variables: "none", parse });
  for (const { field } of reads) {
    addProblem(
      place.findings,
      field,
      "the workflow's vars are rendered before any step: they cannot read one",
    );
  }
  return { vars: template, variables: names };
}

function readOutput(place: Place, rules: TemplateRules, links: Links): Template | undefined {
  const { template, reads } = readTemplate(place, "output", rules);
  for (const { stepId, field } of reads) checkMention(links, stepId, field);
  return template;
}

function readSteps(place: Place, context: StepContext, stepsMax: number): readonly StepDraft[] {
  const list = readValue(place, "steps");
  if (list === undefined) return [];
  const problem = stepListProblem(list, stepsMax);
  if (problem !== undefined) addProblem(place.findings, "steps", problem);
  if (!Array.isArray(list) || list.length > stepsMax) return [];
  return list.map((step: JsonValue, index) =>
    readStep(step, elementField("steps", index), context, place.findings),
  );
}

function stepListProblem(list: JsonValue, stepsMax: number): string | undefined {
  if (!Array.isArray(list)) return `must be a list, is ${kindOf(list)}`;
  if (list.length > stepsMax) return `has ${list.length} steps; the limit is ${stepsMax}`;
  return list.length === 0 ? "must have at least one step" : undefined;
}

function checkFanOut({ dependents }: Plan, fanOutMax: number, findings: Findings): void {
  dependents.forEach(({ length }, index) => {
    if (length <= fanOutMax) return;
    addProblem(
      findings,
      elementField("steps", index),
      `${length} steps wait for it; the limit is ${fanOutMax}`,
    );
  });
}

/** Undefined only when something is missing, which is a problem by then. */
function assemble(
  header: Header,
  drafts: readonly StepDraft[],
  { vars, output }: { readonly vars: Template | undefined; readonly output: Template | undefined },
): Definition | undefined {
  const { name, version, mode, ...rest } = header;
  if (name === undefined || version === undefined || mode === undefined) return undefined;
  const steps = drafts.map(({ step }) => step).filter((step): step is Step => step !== undefined);
  return {
    name,
    version,
    mode,
    ...rest,
    steps,
    ...(vars === undefined ? {} : { vars }),
    ...(output === undefined ? {} : { output }),
  };
}

function addCycle(cycle: readonly number[], drafts: readonly StepDraft[], findings: Findings): void {
  const [first] = cycle;
  const names = cycle.slice(0, cycleNamesMax).map((index) => drafts[index]!.id);
  const rest = cycle.length > cycleNamesMax ? [`(${cycle.length - cycleNamesMax} more)`] : [];
  const message =
    cycle.length === 1
      ? `${names[0]} waits for itself`
      : `these steps wait for one another: ${[...names, ...rest, names[0]].join(" → ")}`;
  addProblem(findings, elementField("steps", first!), message);
}

function invalid(findings: Findings): DefinitionCheck {
  return { status: "invalid", problems: listed(findings.problems), warnings: listed(findings.warnings) };
}
