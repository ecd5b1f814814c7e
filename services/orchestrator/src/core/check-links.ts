import type { StepDraft } from "./check-step.ts";
import type { Mode } from "./definition.ts";
import { elementField } from "./field-path.ts";
import { didYouMean } from "./nearest-name.ts";
import { addProblem, addWarning, type Findings, quoted } from "./problem.ts";

/** Where each id stands in the list. The first of two equal ones keeps it; the other is a problem. */
export function indexSteps(drafts: readonly StepDraft[], findings: Findings): ReadonlyMap<string, number> {
  const indexOf = new Map<string, number>();
  for (let index = 0; index < drafts.length; index++) {
    const { id, field } = drafts[index]!;
    if (id === undefined) continue;
    const first = indexOf.get(id);
    if (first === undefined) indexOf.set(id, index);
    else addProblem(findings, `${field}.id`, `"${id}" is the id of ${elementField("steps", first)} already`);
  }
  return indexOf;
}

/** What links are checked against. Without a mode nothing but the names is. */
export type Links = {
  readonly mode: Mode | undefined;
  readonly indexOf: ReadonlyMap<string, number>;
  readonly findings: Findings;
};

const noSteps: readonly number[] = [];

/** What each step waits for, in distinct places, ascending. */
export function linkSteps(links: Links, drafts: readonly StepDraft[]): readonly (readonly number[])[] {
  return drafts.map((draft, index) => {
    const mentioned = mentionedBy(links, draft, index);
    if (draft.dependsOn.length > 1) warnOfRepeats(draft, links.findings);
    if (links.mode === "sequential") return index === 0 ? noSteps : [index - 1];
    return links.mode === "dependency" ? distinct(mentioned) : noSteps;
  });
}

/** Notes that there is no step with this id, unless there is one. */
export function checkMention({ indexOf, findings }: Links, stepId: string, field: string): void {
  if (!indexOf.has(stepId)) addProblem(findings, field, unknownStep(stepId, indexOf, findings));
}

/** The place of a step that is not there. */
const nowhere = -1;

/** The places of the steps that the draft names and reads, as often as it does. */
function mentionedBy(links: Links, { field, dependsOn, reads }: StepDraft, index: number): number[] {
  const places: number[] = [];
  for (const [position, stepId] of dependsOn.entries()) {
    places.push(placeOf(links, index, stepId, () => dependencyField(field, position)));
  }
  for (const read of reads) places.push(placeOf(links, index, read.stepId, () => read.field));
  return places;
}

/** Where the step is that the one at `index` mentions; a problem when it cannot wait for it. */
function placeOf(links: Links, index: number, stepId: string | undefined, fieldOf: () => string): number {
  if (stepId === undefined) return nowhere;
  const { mode, indexOf, findings } = links;
  const place = indexOf.get(stepId);
  const problem =
    place === undefined ? unknownStep(stepId, indexOf, findings) : modeProblem(mode, index, place);
  if (problem !== undefined) addProblem(findings, fieldOf(), problem);
  return place ?? nowhere;
}

function modeProblem(mode: Mode | undefined, index: number, place: number): string | undefined {
  if (mode === "parallel")
    return "in parallel mode no step can wait for a step: its mode would be dependency";
  if (mode === "sequential" && place === index) return "a step cannot wait for itself";
  if (mode === "sequential" && place > index)
    return "is a later step: in sequential mode a step sees earlier ones only";
  return undefined;
}

function unknownStep(stepId: string, indexOf: ReadonlyMap<string, number>, findings: Findings): string {
  return `there is no step ${quoted(stepId)}${didYouMean(findings, stepId, indexOf.keys())}`;
}

/** In place: most steps mention one or two, and there are many steps. */
function distinct(places: number[]): readonly number[] {
  if (places.length > 2) places.sort(ascending);
  else if (places[0]! > places[1]!) places.reverse();
  let kept = 0;
  for (const place of places) {
    if (place !== nowhere && place !== places[kept - 1]) places[kept++] = place;
  }
  places.length = kept;
  return places;
}

function ascending(a: number, b: number): number {
  return a - b;
}

function warnOfRepeats({ field, dependsOn }: StepDraft, findings: Findings): void {
  const seen = new Set<string>();
  for (const [position, stepId] of dependsOn.entries()) {
    if (stepId === undefined) continue;
    if (seen.has(stepId))
      addWarning(findings, dependencyField(field, position), `${quoted(stepId)} is named twice`);
    seen.add(stepId);
  }
}

function dependencyField(field: string, position: number): string {
  return elementField(`${field}.dependsOn`, position);
}
