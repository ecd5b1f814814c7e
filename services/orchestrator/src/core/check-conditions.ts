import type { Definition, Step } from "./definition.ts";
import { evaluate, isConstant } from "./expression.ts";
import type { Scope } from "./expression-scope.ts";
import { elementField, memberField } from "./field-path.ts";
import { jsonOf } from "./json.ts";
import type { Plan } from "./plan.ts";
import { addWarning, type Findings } from "./problem.ts";

/** Warns of conditions that never change, and of the steps that for their sake never run. */
export function warnOfConditions({ mode, steps }: Definition, plan: Plan, findings: Findings): void {
  const constants = steps.map(constantOf);
  const neverRuns = constants.map((constant) => constant === "false");
  constants.forEach((constant, index) => {
    if (constant !== undefined) warnOfConstant(constant, elementField("steps", index), findings);
  });
  if (mode !== "dependency" || !neverRuns.includes(true)) return;
  for (const index of plan.batches.flat()) {
    const dependencies = plan.dependencies[index]!;
    if (neverRuns[index] || steps[index]!.join === "done" || dependencies.length === 0) continue;
    if (!dependencies.every((dependency) => neverRuns[dependency])) continue;
    neverRuns[index] = true;
    addWarning(findings, elementField("steps", index), "never runs: neither does any step that it waits for");
  }
}

function warnOfConstant(constant: string, field: string, findings: Findings): void {
  const meaning = constant === "false" ? "the step never runs" : "the step needs no condition";
  addWarning(findings, memberField(field, "when"), `is always ${constant}: ${meaning}`);
}

const nothing: Scope = {
  executionId: "",
  input: jsonOf(null),
  vars: jsonOf({}),
  output: () => undefined,
  status: () => "",
};

/** What the condition always gives, as JSON text; undefined when that depends, or there is none. */
function constantOf({ when }: Step): string | undefined {
  const expression = when?.holes[0]?.expression;
  if (expression === undefined || !isConstant(expression)) return undefined;
  const evaluation = evaluate(expression, nothing);
  return evaluation.ok ? evaluation.json.text : undefined;
}
