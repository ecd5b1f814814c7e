import type { Step } from "./definition.ts";
import { type Execution, findStep } from "./execution.ts";
import type { Scope } from "./expression.ts";
import type { Failure } from "./failure.ts";
import { type Json, jsonOf, jsonText } from "./json.ts";
import { type RenderedTemplate, renderTemplate, type Template } from "./template.ts";

const nullJson = jsonOf(null);
const noVars = jsonOf({});

/** The step's input as its template gives it; without one, the execution's own input. */
export function renderStepInput(execution: Execution, step: Step): RenderedTemplate {
  return step.with ? renderTemplate(step.with, scopeOf(execution)) : { ok: true, json: inputOf(execution) };
}

/** Whether the step's condition holds; a step without one always may start. */
export function renderWhen(
  execution: Execution,
  step: Step,
): { readonly ok: true; readonly value: boolean } | { readonly ok: false; readonly failure: Failure } {
  if (!step.when) return { ok: true, value: true };
  const rendered = renderTemplate(step.when, scopeOf(execution));
  return rendered.ok ? { ok: true, value: rendered.json.text === "true" } : rendered;
}

/** What the definition's `vars` come to, for this input. */
export function renderStartVars(vars: Template, executionId: string, input: Json): RenderedTemplate {
  return renderTemplate(vars, {
    executionId,
    input,
    vars: noVars,
    output: () => undefined,
    status: () => "",
  });
}

/** The execution's result: its template's, or the map of step outputs by id. */
export function renderOutput(execution: Execution): RenderedTemplate {
  const { output } = execution.workflow.definition;
  return output ? renderTemplate(output, scopeOf(execution)) : { ok: true, json: allOutputs(execution) };
}

function allOutputs(execution: Execution): Json {
  const members = execution.workflow.definition.steps.map(
    ({ id }, index) => `${JSON.stringify(id)}:${outputAt(execution, index)?.text ?? "null"}`,
  );
  return jsonText(`{${members.join(",")}}`);
}

function scopeOf(execution: Execution): Scope {
  return {
    executionId: execution.id,
    input: inputOf(execution),
    vars: noVars,
    output: (stepId) => outputAt(execution, execution.workflow.indexOf.get(stepId)),
    status: (stepId) => findStep(execution, stepId)?.run.state.status ?? "",
  };
}

function inputOf({ header }: Execution): Json {
  return header?.input ?? nullJson;
}

function outputAt({ steps }: Execution, index: number | undefined): Json | undefined {
  const state = index === undefined ? undefined : steps[index]?.state;
  return state?.status === "SUCCEEDED" ? state.output : undefined;
}
