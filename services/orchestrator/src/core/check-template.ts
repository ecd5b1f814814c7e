import { type VariableNames, variableNames, variableProblem, variablesIn } from "./check-variables.ts";
import type { ExpressionParser } from "./expression.ts";
import { memberField } from "./field-path.ts";
import { isJsonObject, type JsonValue } from "./json.ts";
import { addProblem, type Findings, quoted } from "./problem.ts";
import { compileTemplate, type Reference, type Template } from "./template.ts";
import { kindOf, type Place, readText, readValue } from "./tree-reader.ts";

/** What the expressions of a template may be and see. */
export type TemplateRules = {
  readonly expressionLengthMax: number;
  readonly variables: VariableNames;
  readonly parse: ExpressionParser;
};

/** A template, if there is one without mistakes, and the steps that it reads in any case. */
export type ReadTemplate = {
  readonly template: Template | undefined;
  readonly reads: readonly Reference[];
};

const absent = { template: undefined, reads: [], names: variableNames(undefined) };

/** The template at the key. */
export function readTemplate(place: Place, key: string, rules: TemplateRules): ReadTemplate {
  const value = readValue(place, key);
  return value === undefined ? absent : compile(value, memberField(place.field, key), rules, place.findings);
}

/** A condition: text that is one whole expression, so that its value keeps its type. */
export function readWhen(place: Place, rules: TemplateRules): ReadTemplate {
  const text = readText(place, "when");
  if (text === undefined) return absent;
  const read = readTemplate(place, "when", rules);
  if (read.template && !isOneExpression(read.template)) {
    const message = `${quoted(text)} must be one whole \${…}, such as \${input.urgent}`;
    addProblem(place.findings, memberField(place.field, "when"), message);
  }
  return read;
}

/** The `vars` of a workflow or a step: an object, or one expression that gives one. */
export function readVars(
  place: Place,
  rules: TemplateRules,
): ReadTemplate & { readonly names: VariableNames } {
  const value = readValue(place, "vars");
  if (value === undefined) return absent;
  const { template, reads } = readTemplate(place, "vars", rules);
  if (!isJsonObject(value) && !isExpressionText(value, template)) {
    const message = `must be an object or one whole \${…}, is ${kindOf(value)}`;
    addProblem(place.findings, memberField(place.field, "vars"), message);
  }
  return { template, reads, names: variableNames(value) };
}

/** A text that has a mistake already may have been meant to be one. */
function isExpressionText(value: JsonValue, template: Template | undefined): boolean {
  return typeof value === "string" && (template === undefined || isOneExpression(template));
}

/** Whether the template of a text is one expression and nothing around it. */
function isOneExpression({ holes }: Template): boolean {
  return holes.length === 1 && !holes[0]!.inText;
}

function compile(value: JsonValue, field: string, rules: TemplateRules, findings: Findings): ReadTemplate {
  const compiled = compileTemplate(value, field, rules.parse);
  if (compiled.ok) {
    checkExpressions(compiled.template, rules, findings);
    return { template: compiled.template, reads: compiled.references };
  }
  for (const problem of compiled.problems) addProblem(findings, problem.field, problem.message);
  return { template: undefined, reads: compiled.references };
}

function checkExpressions({ holes }: Template, rules: TemplateRules, findings: Findings): void {
  const { expressionLengthMax, variables } = rules;
  for (const { expression, field } of holes) {
    const { source } = expression;
    if (source.length > expressionLengthMax) {
      const message = `${quoted(source)} has ${source.length} characters; the limit is ${expressionLengthMax}`;
      addProblem(findings, field, message);
    }
    for (const name of variablesIn(source)) {
      const problem = variableProblem(name, variables, findings);
      if (problem !== undefined) addProblem(findings, field, problem);
    }
  }
}
