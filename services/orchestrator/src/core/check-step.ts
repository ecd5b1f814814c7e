import { readRetry } from "./check-retry.ts";
import { readTemplate, readVars, readWhen, type TemplateRules } from "./check-template.ts";
import { joinVariables } from "./check-variables.ts";
import { type Join, type Mode, type Step, stepTimeoutMsDefault } from "./definition.ts";
import { descriptionLengthMax } from "./definition-limits.ts";
import { formatDuration } from "./duration.ts";
import { memberField } from "./field-path.ts";
import type { JsonValue } from "./json.ts";
import { capabilityProblem, stepIdProblem } from "./names.ts";
import { addProblem, addWarning, type Findings } from "./problem.ts";
import type { RetryPolicy } from "./retry.ts";
import type { Reference, Template } from "./template.ts";
import {
  type Keys,
  openObject,
  type Place,
  readBoolean,
  readChoice,
  readDuration,
  readText,
  readTexts,
  requireKey,
  type Texts,
} from "./tree-reader.ts";

/** What could be read of a step; `step` is there when nothing it cannot do without is missing. */
export type StepDraft = {
  readonly field: string;
  readonly id: string | undefined;
  readonly dependsOn: Texts;
  /** The steps that its templates read. */
  readonly reads: readonly Reference[];
  readonly step: Step | undefined;
};

const keys: Keys = {
  known: new Set([
    "id",
    "capability",
    "description",
    "with",
    "when",
    "vars",
    "dependsOn",
    "join",
    "optional",
    "atMostOnce",
    "timeout",
    "queueTimeout",
    "heartbeatTimeout",
    "retry",
    "kind",
  ]),
  later: new Set(["compensate", "idempotent", "priority", "limit", "place", "sla"]),
};

/** What the workflow says for its steps. */
export type StepContext = {
  readonly mode: Mode | undefined;
  readonly retry: RetryPolicy;
  readonly workflowTimeoutMs: number | undefined;
  readonly rules: TemplateRules;
};

const joins: readonly Join[] = ["all", "any", "done"];
const timeoutMsMin = 1;
const nothing: readonly never[] = [];

/** Reads one step of the list. */
export function readStep(
  value: JsonValue,
  field: string,
  context: StepContext,
  findings: Findings,
): StepDraft {
  const place = openObject(value, field, keys, findings);
  if (place === undefined)
    return { field, id: undefined, dependsOn: nothing, reads: nothing, step: undefined };
  requireKey(place, "id");
  requireKey(place, "capability");
  refuseOtherKinds(place);
  const id = readText(place, "id", stepIdProblem);
  const dependsOn = readTexts(place, "dependsOn") ?? nothing;
  const templates = readTemplates(place, context.rules);
  const step = assemble(place, id, dependsOn, templates, context);
  return { field, id, dependsOn, reads: templates.reads, step };
}

function assemble(
  place: Place,
  id: string | undefined,
  dependsOn: Texts,
  templates: StepTemplates,
  context: StepContext,
): Step | undefined {
  const capability = readText(place, "capability", capabilityProblem);
  const description = readDescription(place);
  const join = readJoin(place, context.mode);
  const optional = readBoolean(place, "optional") ?? false;
  const atMostOnce = readBoolean(place, "atMostOnce") ?? false;
  const retry = readRetry(place) ?? context.retry;
  const timeoutMs = readStepTimeout(place, context.workflowTimeoutMs) ?? stepTimeoutMsDefault;
  const queueTimeoutMs = readDuration(place, "queueTimeout", timeoutMsMin);
  const heartbeatTimeoutMs = readHeartbeatTimeout(place, timeoutMs);
  if (id === undefined || capability === undefined || !isComplete(dependsOn)) return undefined;
  return {
    id,
    capability,
    description,
    with: templates.with,
    when: templates.when,
    vars: templates.vars,
    dependsOn,
    join,
    optional,
    atMostOnce,
    retry,
    timeoutMs,
    queueTimeoutMs,
    heartbeatTimeoutMs,
  };
}

function isComplete(texts: Texts): texts is readonly string[] {
  return !texts.includes(undefined);
}

type StepTemplates = {
  readonly with: Template | undefined;
  readonly when: Template | undefined;
  readonly vars: Template | undefined;
  readonly reads: readonly Reference[];
};

/** A step's own `vars` see those of the workflow; its other templates see both. */
function readTemplates(place: Place, workflowRules: TemplateRules): StepTemplates {
  const vars = readVars(place, workflowRules);
  const variables = joinVariables(workflowRules.variables, vars.names);
  const rules = variables === workflowRules.variables ? workflowRules : { ...workflowRules, variables };
  const input = readTemplate(place, "with", rules);
  const when = readWhen(place, rules);
  return {
    with: input.template,
    when: when.template,
    vars: vars.template,
    reads: merged(merged(input.reads, when.reads), vars.reads),
  };
}

/** Most steps have references in one template only: its list does for all. */
function merged(some: readonly Reference[], more: readonly Reference[]): readonly Reference[] {
  if (more.length === 0) return some;
  return some.length === 0 ? more : [...some, ...more];
}

/** Free text about a workflow or a step. */
export function readDescription(place: Place): string | undefined {
  return readText(place, "description", (text) =>
    text.length > descriptionLengthMax ? `is longer than ${descriptionLengthMax} characters` : undefined,
  );
}

function readJoin(place: Place, mode: Mode | undefined): Join {
  const join = readChoice(place, "join", joins);
  if (join !== undefined && mode !== undefined && mode !== "dependency") {
    const field = memberField(place.field, "join");
    addProblem(place.findings, field, `belongs to dependency mode: in ${mode} mode nothing is joined`);
  }
  return join ?? "all";
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

function readHeartbeatTimeout(place: Place, timeoutMs: number): number | undefined {
  const heartbeatTimeoutMs = readDuration(place, "heartbeatTimeout", timeoutMsMin);
  if (heartbeatTimeoutMs !== undefined && heartbeatTimeoutMs >= timeoutMs) {
    const field = memberField(place.field, "heartbeatTimeout");
    const message = `is not below the step's timeout (${formatDuration(timeoutMs)}), which ends it first`;
    addWarning(place.findings, field, message);
  }
  return heartbeatTimeoutMs;
}

function refuseOtherKinds(place: Place): void {
  readText(place, "kind", (kind) =>
    kind === "agent" ? undefined : "is not supported by this release: every step is of kind agent",
  );
}
