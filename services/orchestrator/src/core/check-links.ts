import { mentionsOf, type StepDraft } from "./check-step.ts";
import type { Mode } from "./definition.ts";
import { elementField } from "./field-path.ts";
import { didYouMean } from "./nearest-name.ts";
import { addProblem, addWarning, type Findings, quoted } from "./problem.ts";
import type { Reference } from "./template.ts";
import type { Item } from "./tree-reader.ts";

/** Where each id stands in the list. The first of two equal ones keeps it; the other is a problem. */
export function indexSteps(drafts: readonly StepDraft[], findings: Findings): ReadonlyMap<string, number> {
  const indexOf = new Map<string, number>();
  for (const [index, { id, field }] of drafts.entries()) {
    if (id === undefined) continue;
    const first = indexOf.get(id);
    if (first === undefined) indexOf.set(id, index);
    else addProblem(findings, `${field}.id`, `"${id}" is the id of ${elementField("steps", first)} already`);
  }
  return indexOf;
}

/** The place of the step that is mentioned; a problem when there is none. */
export function findMentioned(
  { stepId, field }: Reference,
  indexOf: ReadonlyMap<string, number>,
  findings: Findings,
): number | undefined {
  const index = indexOf.get(stepId);
  if (index === undefined) {
    addProblem(
      findings,
      field,
      `there is no step ${quoted(stepId)}${didYouMean(findings, stepId, indexOf.keys())}`,
    );
  }
  return index;
}

/** What each step waits for, in distinct places, ascending. Without a mode only the mentions are checked. */
export function linkSteps(
  mode: Mode | undefined,
  drafts: readonly StepDraft[],
  indexOf: ReadonlyMap<string, number>,
  findings: Findings,
): readonly (readonly number[])[] {
  return drafts.map((draft, index) => {
    const mentioned = new Set<number>();
    for (const mention of mentionsOf(draft)) {
      const target = findMentioned(mention, indexOf, findings);
      if (target === undefined) continue;
      mentioned.add(target);
      const problem = mode && modeProblem(mode, index, target);
      if (problem !== undefined) addProblem(findings, mention.field, problem);
    }
    warnOfRepeats(draft.dependsOn, findings);
    if (mode === "sequential") return index === 0 ? [] : [index - 1];
    return mode === "dependency" ? [...mentioned].sort((a, b) => a - b) : [];
  });
}

function modeProblem(mode: Mode, index: number, target: number): string | undefined {
  if (mode === "parallel")
    return "in parallel mode no step can wait for a step: its mode would be dependency";
  if (mode === "sequential" && target === index) return "a step cannot wait for itself";
  if (mode === "sequential" && target > index)
    return "is a later step: in sequential mode a step sees earlier ones only";
  return undefined;
}

function warnOfRepeats(dependsOn: readonly Item[], findings: Findings): void {
  if (dependsOn.length < 2) return;
  const seen = new Set<string>();
  for (const { text, field } of dependsOn) {
    if (seen.has(text)) addWarning(findings, field, `${quoted(text)} is named twice`);
    seen.add(text);
  }
}
