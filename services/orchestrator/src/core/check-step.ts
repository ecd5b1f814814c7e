import { readRetry } from "./check-retry.ts";
import { type Step, stepTimeoutMsDefault } from "./definition.ts";
import { descriptionLengthMax } from "./definition-limits.ts";
import { memberField } from "./field-path.ts";
import type { JsonValue } from "./json.ts";
import { capabilityProblem, stepIdProblem } from "./names.ts";
import { addProblem, addWarning, type Findings } from "./problem.ts";
import type { RetryPolicy } from "./retry.ts";
import { compileTemplate, type Reference, type Template } from "./template.ts";
import {
  type Item,
  type Keys,
  openObject,
  type Place,
  readDuration,
  readText,
  readTexts,
  readValue,
  requireKey,
} from "./tree-reader.ts";

/** What could be read of a step; `step` is there when nothing it cannot do without is missing. */
export type StepDraft = {
  readonly field: string;
  readonly id: string | undefined;
  readonly dependsOn: readonly Item[];
  /** The steps that `with` reads. */
  readonly reads: readonly Reference[];
  readonly step: Step | undefined;
};

const keys: Keys = {
  known: new Set(["id", "capability", "description", "with", "dependsOn", "timeout", "retry", "kind"]),
  later: new Set([
    "when",
    "join",
    "optional",
    "compensate",
    "queueTimeout",
    "heartbeatTimeout",
    "idempotent",
    "atMostOnce",
    "priority",
    "limit",
    "place",
    "sla",
    "vars",
  ]),
};

/** What the workflow says for its steps. */
export type StepContext = { readonly retry: RetryPolicy; readonly workflowTimeoutMs: number | undefined };

const timeoutMsMin = 1;

/** Reads one step of the list. */
export function readStep(
  value: JsonValue,
  field: string,
  context: StepContext,
  findings: Findings,
): StepDraft {
  const place = openObject(value, field, keys, findings);
  if (place === undefined) return { field, id: undefined, dependsOn: [], reads: [], step: undefined };
  requireKey(place, "id");
  requireKey(place, "capability");
  refuseOtherKinds(place);
  const id = readText(place, "id", stepIdProblem);
  const capability = readText(place, "capability", capabilityProblem);
  const description = readDescription(place);
  const { template, reads } = readTemplate(place, "with");
  const dependsOn = readTexts(place, "dependsOn") ?? [];
  const retry = readRetry(place) ?? context.retry;
  const timeoutMs = readStepTimeout(place, context.workflowTimeoutMs) ?? stepTimeoutMsDefault;
  if (id === undefined || capability === undefined) return { field, id, dependsOn, reads, step: undefined };
  const dependencyIds = dependsOn.map(({ text }) => text);
  const step: Step = {
    id,
    capability,
    description,
    with: template,
    dependsOn: dependencyIds,
    join: "all",
    optional: false,
    atMostOnce: false,
    retry,
    timeoutMs,
  };
  return { field, id, dependsOn, reads, step };
}

/** Every mention of another step, in dependsOn and then in `with`. */
export function mentionsOf({ dependsOn, reads }: StepDraft): readonly Reference[] {
  if (dependsOn.length === 0) return reads;
  return [...dependsOn.map(({ text, field }) => ({ stepId: text, field })), ...reads];
}

/** The template at the key, if there is one without mistakes, and the steps that it reads in any case. */
export function readTemplate(
  place: Place,
  key: string,
): { readonly template: Template | undefined; readonly reads: readonly Reference[] } {
  const value = readValue(place, key);
  if (value === undefined) return { template: undefined, reads: [] };
  const compiled = compileTemplate(value, memberField(place.field, key));
  if (compiled.ok) return { template: compiled.template, reads: compiled.references };
  for (const { field, message } of compiled.problems) addProblem(place.findings, field, message);
  return { template: undefined, reads: compiled.references };
}

/** Free text about a workflow or a step. */
export function readDescription(place: Place): string | undefined {
  return readText(place, "description", (text) =>
    text.length > descriptionLengthMax ? `is longer than ${descriptionLengthMax} characters` : undefined,
  );
}

/** The timeout of a workflow or a step. */
export function readTimeout(place: Place): number | undefined {
  return readDuration(place, "timeout", timeoutMsMin);
}

function readStepTimeout(place: Place, workflowTimeoutMs = Number.POSITIVE_INFINITY): number | undefined {
  const timeoutMs = readTimeout(place);
  if (timeoutMs !== undefined && timeoutMs > workflowTimeoutMs) {
    const field = memberField(place.field, "timeout");
    addWarning(place.findings, field, "is longer than the workflow's own timeout, which ends it first");
  }
  return timeoutMs;
}

function refuseOtherKinds(place: Place): void {
  readText(place, "kind", (kind) =>
    kind === "agent" ? undefined : "is not supported by this release: every step is of kind agent",
  );
}
