import { assertNever } from "./assert-never.ts";
import { type CelProgram, evaluateCel, parseCel } from "./cel.ts";
import { expressionLengthMax } from "./definition-limits.ts";
import { follow } from "./expression-path.ts";
import type { Evaluation, Scope } from "./expression-scope.ts";
import { type PathPart, parsePath } from "./field-path.ts";
import { jsonOf } from "./json.ts";
import { quoted } from "./problem.ts";

/** What stands between `${` and `}`, understood. */
export type Expression = { readonly source: string } & (
  | { readonly kind: "input" | "vars"; readonly path: readonly PathPart[] }
  | { readonly kind: "output"; readonly stepId: string; readonly path: readonly PathPart[] }
  | { readonly kind: "status"; readonly stepId: string }
  | { readonly kind: "executionId" }
  /** All that is not a plain path. */
  | { readonly kind: "cel"; readonly program: CelProgram }
);

/** An expression, or why the text is none. */
export type ParsedExpression =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly message: string };

/** Whoever has parsed an expression before need not do it again. */
export type ExpressionParser = (text: string) => ParsedExpression;

const nullJson = jsonOf(null);

/** Understands an expression: plain paths here, all others by way of CEL. */
export function parseExpression(text: string): ParsedExpression {
  const source = text.trim();
  if (source.length > expressionLengthMax) {
    return refused(source, `must not be longer than ${expressionLengthMax} characters`);
  }
  if (source === "") return { ok: false, message: "${} holds no expression" };
  const path = parsePath(source);
  return path === undefined ? readCel(source) : readPath(source, path);
}

/** The steps that the expression reads, each once. */
export function stepsOf(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case "output":
    case "status":
      return [expression.stepId];
    case "cel":
      return stepsRead(expression.program);
    default:
      return [];
  }
}

/** Whether the expression has the same value always: it reads nothing. */
export function isConstant(expression: Expression): boolean {
  return expression.kind === "cel" && expression.program.reads.length === 0;
}

/** The value of the expression now. A whole input or output is handed on without being parsed. */
export function evaluate(expression: Expression, scope: Scope): Evaluation {
  switch (expression.kind) {
    case "input":
    case "vars":
      return follow(scope[expression.kind], expression.kind, expression.path);
    case "output": {
      const { stepId, path } = expression;
      return follow(scope.output(stepId) ?? nullJson, `steps.${stepId}.output`, path);
    }
    case "status":
      return { ok: true, json: jsonOf(scope.status(expression.stepId)) };
    case "executionId":
      return { ok: true, json: jsonOf(scope.executionId) };
    case "cel":
      return evaluateCel(expression.program, scope);
    default:
      return assertNever(expression);
  }
}

function stepsRead({ reads }: CelProgram): readonly string[] {
  const stepIds = new Set<string>();
  for (const [, read] of reads) if ("stepId" in read) stepIds.add(read.stepId);
  return [...stepIds];
}

function readCel(source: string): ParsedExpression {
  const read = parseCel(source);
  if (!read.ok) return refused(source, read.message);
  return { ok: true, expression: { source, kind: "cel", program: read.program } };
}

function readPath(source: string, path: readonly PathPart[]): ParsedExpression {
  switch (path[0]) {
    case "input":
    case "vars":
      return { ok: true, expression: { source, kind: path[0], path: path.slice(1) } };
    case "steps":
      return readStepPath(source, path);
    case "execution":
      if (path.length !== 2 || path[1] !== "id")
        return refused(source, "must be execution.id: it has nothing else");
      return { ok: true, expression: { source, kind: "executionId" } };
    default:
      return readCel(source);
  }
}

function readStepPath(source: string, path: readonly PathPart[]): ParsedExpression {
  const stepId = path[1];
  if (typeof stepId === "string") {
    if (path[2] === "output") {
      return { ok: true, expression: { source, kind: "output", stepId, path: path.slice(3) } };
    }
    if (path[2] === "status" && path.length === 3) {
      return { ok: true, expression: { source, kind: "status", stepId } };
    }
  }
  return refused(source, "must name a step's output or its status: steps.id.output or steps.id.status");
}

function refused(source: string, message: string): ParsedExpression {
  return { ok: false, message: `${quoted(source)} ${message}` };
}
