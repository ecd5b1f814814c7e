import { checkLabels } from "./check-labels.ts";
import { findMentioned, indexSteps, linkSteps } from "./check-links.ts";
import { readRetry } from "./check-retry.ts";
import {
  readDescription,
  readStep,
  readTemplate,
  readTimeout,
  type StepContext,
  type StepDraft,
} from "./check-step.ts";
import { checkTree } from "./check-tree.ts";
import type { Definition, Mode, Step } from "./definition.ts";
import { stepsMax, workflowVersionMax } from "./definition-limits.ts";
import { elementField } from "./field-path.ts";
import type { JsonValue } from "./json.ts";
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
  ]),
  later: new Set(["sla", "maxParallel", "vars"]),
};

/** Steps that a cycle's message names before it says how many more there are. */
const cycleNamesMax = 20;

/** Checks a definition as its author wrote it, from any source; finds all its problems at once. */
export function checkDefinition(tree: unknown): DefinitionCheck {
  const checked = checkTree(tree);
  if (!checked.ok) return { status: "invalid", problems: [checked.problem], warnings: [] };
  const findings = newFindings();
  const place = openObject(checked.tree, "", keys, findings);
  return place === undefined ? invalid(findings) : checkWorkflow(place, findings);
}

type Header = Omit<Definition, "name" | "version" | "mode" | "steps" | "output"> & {
  readonly name: string | undefined;
  readonly version: number | undefined;
  readonly mode: Mode | undefined;
};

function checkWorkflow(place: Place, findings: Findings): DefinitionCheck {
  const header = readHeader(place);
  const retry = readRetry(place) ?? defaultRetry;
  const drafts = readSteps(place, { retry, workflowTimeoutMs: header.timeoutMs });
  const indexOf = indexSteps(drafts, findings);
  const dependencies = linkSteps(header.mode, drafts, indexOf, findings);
  const output = readTemplate(place, "output");
  for (const reference of output.reads) findMentioned(reference, indexOf, findings);
  const definition = findings.problems.length > 0 ? undefined : assemble(header, drafts, output.template);
  const planned = plan(dependencies);
  for (const cycle of planned.cycles) addCycle(cycle, drafts, findings);
  if (definition === undefined) return invalid(findings);
  const warnings = listed(findings.warnings);
  if (planned.cycles.length === 0) return { status: "valid", definition, plan: planned, warnings };
  return { status: "cyclic", definition, plan: planned, problems: listed(findings.problems), warnings };
}

function readHeader(place: Place): Header {
  for (const key of ["workflow", "version", "steps"]) requireKey(place, key);
  refuseOtherFailureModes(place);
  const timeoutMs = readTimeout(place);
  const description = readDescription(place);
  const labels = readValue(place, "labels");
  return {
    name: readText(place, "workflow", workflowNameProblem),
    version: readNumber(place, "version", { min: 1, max: workflowVersionMax }),
    mode: readValue(place, "mode") === undefined ? "dependency" : readChoice(place, "mode", modes),
    labels: labels === undefined ? {} : checkLabels(labels, "labels", place.findings),
    onFailure: "fail",
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(description === undefined ? {} : { description }),
    tree: place.object,
  };
}

function refuseOtherFailureModes(place: Place): void {
  readText(place, "onFailure", (onFailure) => {
    if (onFailure === "fail") return undefined;
    if (onFailure === "compensate" || onFailure === "continue")
      return "is not supported by this release, only fail is";
    return "is unknown: must be fail";
  });
}

function readSteps(place: Place, context: StepContext): readonly StepDraft[] {
  const list = readValue(place, "steps");
  if (list === undefined) return [];
  const problem = stepListProblem(list);
  if (problem !== undefined) addProblem(place.findings, "steps", problem);
  if (!Array.isArray(list) || list.length > stepsMax) return [];
  return list.map((step: JsonValue, index) =>
    readStep(step, elementField("steps", index), context, place.findings),
  );
}

function stepListProblem(list: JsonValue): string | undefined {
  if (!Array.isArray(list)) return `must be a list, is ${kindOf(list)}`;
  if (list.length > stepsMax) return `has ${list.length} steps; the limit is ${stepsMax}`;
  return list.length === 0 ? "must have at least one step" : undefined;
}

/** Undefined only when something is missing, which is a problem by then. */
function assemble(
  header: Header,
  drafts: readonly StepDraft[],
  output: Template | undefined,
): Definition | undefined {
  const { name, version, mode, ...rest } = header;
  const steps = drafts.map(({ step }) => step).filter((step): step is Step => step !== undefined);
  if (name === undefined || version === undefined || mode === undefined) return undefined;
  return { name, version, mode, ...rest, steps, ...(output === undefined ? {} : { output }) };
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
