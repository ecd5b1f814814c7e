import type { Step } from "./definition.ts";
import { type Execution, findStep } from "./execution.ts";
import type { Scope } from "./expression-scope.ts";
import type { Failure } from "./failure.ts";
import { varsTooLargeFailure } from "./failures.ts";
import { isJsonObject, type Json, jsonOf, jsonText, parsed } from "./json.ts";
import type { ExecutionLimits } from "./limits.ts";
import {
  expressionFailure,
  holeFailure,
  type RenderedTemplate,
  renderTemplate,
  type Template,
} from "./template.ts";

/** Whether a step is to run, or why that cannot be told: never worth a retry. */
export type Condition =
  | { readonly ok: true; readonly value: boolean }
  | { readonly ok: false; readonly failure: Failure };

const nullJson = jsonOf(null);
const noVars = jsonOf({});

/** The workflow's variables, rendered once, at the start: from the input and the id of the execution alone. */
export function renderStartVars(
  { id, limits }: Pick<Execution, "id" | "limits">,
  template: Template,
  input: Json,
): RenderedTemplate {
  const scope = { executionId: id, input, vars: noVars, output: () => undefined, status: () => "" };
  return asVars(limits, "vars", renderTemplate(template, scope));
}

/** The step's input as its template gives it; without one, the execution's own input. */
export function renderStepInput(execution: Execution, step: Step): RenderedTemplate {
  return step.with ? renderInStep(execution, step, step.with) : { ok: true, json: inputOf(execution) };
}

/** Whether the step is to run, as its `when` says; without one, it is. */
export function renderWhen(execution: Execution, step: Step): Condition {
  if (step.when === undefined) return { ok: true, value: true };
  const rendered = renderInStep(execution, step, step.when);
  if (!rendered.ok) return rendered;
  const value = parsed(rendered.json);
  if (typeof value === "boolean") return { ok: true, value };
  return { ok: false, failure: notBoolean(step.when) };
}

/** The execution's result: its template's, or the map of step outputs by id. */
export function renderOutput(execution: Execution): RenderedTemplate {
  const { output } = execution.workflow.definition;
  return output
    ? renderTemplate(output, scopeOf(execution, varsOf(execution)))
    : { ok: true, json: allOutputs(execution) };
}

function renderInStep(execution: Execution, step: Step, template: Template): RenderedTemplate {
  const vars = stepVars(execution, step);
  return vars.ok ? renderTemplate(template, scopeOf(execution, vars.json)) : vars;
}

/** The workflow's variables with the step's own over them. */
function stepVars(execution: Execution, step: Step): RenderedTemplate {
  const vars = varsOf(execution);
  if (step.vars === undefined) return { ok: true, json: vars };
  const rendered = renderTemplate(step.vars, scopeOf(execution, vars));
  const own = asVars(execution.limits, `vars of step ${step.id}`, rendered);
  if (!own.ok) return own;
  return { ok: true, json: merged(vars, own.json) };
}

/** Both are objects by now. Spread and not assigned: a member may be called __proto__. */
function merged(under: Json, over: Json): Json {
  const [left, right] = [parsed(under), parsed(over)];
  return isJsonObject(left) && isJsonObject(right) ? jsonOf({ ...left, ...right }) : over;
}

function asVars(limits: ExecutionLimits, name: string, rendered: RenderedTemplate): RenderedTemplate {
  if (!rendered.ok) return rendered;
  const failure = isJsonObject(parsed(rendered.json))
    ? varsTooLargeFailure(limits, rendered.json, name)
    : expressionFailure(`${name}: must be an object`);
  return failure ? { ok: false, failure } : rendered;
}

function notBoolean(when: Template): Failure {
  const message = "must be true or false";
  const [hole] = when.holes;
  return hole === undefined ? expressionFailure(`when: ${message}`) : holeFailure(hole, message);
}

function allOutputs(execution: Execution): Json {
  const members = execution.workflow.definition.steps.map(
    ({ id }, index) => `${JSON.stringify(id)}:${outputAt(execution, index)?.text ?? "null"}`,
  );
  return jsonText(`{${members.join(",")}}`);
}

function scopeOf(execution: Execution, vars: Json): Scope {
  return {
    executionId: execution.id,
    input: inputOf(execution),
    vars,
    output: (stepId) => outputAt(execution, execution.workflow.indexOf.get(stepId)),
    status: (stepId) => findStep(execution, stepId)?.run.state.status ?? "",
  };
}

function inputOf({ header }: Execution): Json {
  return header?.input ?? nullJson;
}

function varsOf({ header }: Execution): Json {
  return header?.vars ?? noVars;
}

function outputAt({ steps }: Execution, index: number | undefined): Json | undefined {
  const state = index === undefined ? undefined : steps[index]?.state;
  return state?.status === "SUCCEEDED" ? state.output : undefined;
}
