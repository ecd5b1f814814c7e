import { assertNever } from "./assert-never.ts";
import { expressionLengthMax } from "./definition-limits.ts";
import { formatPath, type PathPart, parsePath } from "./field-path.ts";
import { isJsonObject, type Json, type JsonValue, jsonOf, parsed } from "./json.ts";
import { quoted } from "./problem.ts";

/** What stands between `${` and `}`, understood. */
export type Expression = { readonly source: string } & (
  | { readonly kind: "input"; readonly path: readonly PathPart[] }
  | { readonly kind: "output"; readonly stepId: string; readonly path: readonly PathPart[] }
  | { readonly kind: "status"; readonly stepId: string }
  | { readonly kind: "executionId" }
  | { readonly kind: "vars"; readonly path: readonly PathPart[] }
  | { readonly kind: "constant"; readonly value: boolean }
);

/** What expressions can see of an execution. */
export type Scope = {
  readonly executionId: string;
  readonly input: Json;
  /** An object. */
  readonly vars: Json;
  /** A step's output; undefined, which reads as null, when it has none. */
  readonly output: (stepId: string) => Json | undefined;
  readonly status: (stepId: string) => string;
};

/** An expression, or why the text is none. */
export type ParsedExpression =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly message: string };

/** The value of an expression, or why it has none. */
export type Evaluation =
  | { readonly ok: true; readonly json: Json }
  | { readonly ok: false; readonly message: string };

const nullJson = jsonOf(null);

/** Understands an expression. Only plain paths are, as yet. */
export function parseExpression(text: string): ParsedExpression {
  const source = text.trim();
  if (source.length > expressionLengthMax) {
    return refused(source, `must not be longer than ${expressionLengthMax} characters`);
  }
  if (source === "") return { ok: false, message: "${} holds no expression" };
  const path = parsePath(source);
  if (path === undefined) {
    return refused(
      source,
      "is not a plain path such as input.a[0] or steps.id.output.b, all that this release reads",
    );
  }
  return readPath(source, path);
}

/** The step that the expression reads, if it reads one. */
export function stepOf(expression: Expression): string | undefined {
  return expression.kind === "output" || expression.kind === "status" ? expression.stepId : undefined;
}

/** Whether the expression has the same value whatever happens. */
export function isConstant(expression: Expression): boolean {
  return expression.kind === "constant";
}

/** The value of the expression now. A whole input or output is handed on without being parsed. */
export function evaluate(expression: Expression, scope: Scope): Evaluation {
  switch (expression.kind) {
    case "input":
      return follow(scope.input, "input", expression.path);
    case "output": {
      const { stepId, path } = expression;
      return follow(scope.output(stepId) ?? nullJson, `steps.${stepId}.output`, path);
    }
    case "status":
      return { ok: true, json: jsonOf(scope.status(expression.stepId)) };
    case "executionId":
      return { ok: true, json: jsonOf(scope.executionId) };
    case "vars":
      return follow(scope.vars, "vars", expression.path);
    case "constant":
      return { ok: true, json: jsonOf(expression.value) };
    default:
      return assertNever(expression);
  }
}

function readPath(source: string, path: readonly PathPart[]): ParsedExpression {
  switch (path[0]) {
    case "input":
      return { ok: true, expression: { source, kind: "input", path: path.slice(1) } };
    case "vars":
      return { ok: true, expression: { source, kind: "vars", path: path.slice(1) } };
    case "true":
    case "false":
      if (path.length > 1) return refused(source, "is no object");
      return { ok: true, expression: { source, kind: "constant", value: source === "true" } };
    case "steps":
      return readStepPath(source, path);
    case "execution":
      if (path.length !== 2 || path[1] !== "id")
        return refused(source, "must be execution.id: it has nothing else");
      return { ok: true, expression: { source, kind: "executionId" } };
    default:
      return refused(source, "must begin with input, vars, steps or execution");
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

function follow(json: Json, name: string, path: readonly PathPart[]): Evaluation {
  if (path.length === 0) return { ok: true, json };
  let value = parsed(json);
  for (const [index, part] of path.entries()) {
    const next = child(value, part);
    if (next === undefined) {
      return { ok: false, message: missing(value, formatPath(path.slice(0, index), name), part) };
    }
    value = next;
  }
  return written(value);
}

/** An own member or an element that is there; never what the prototype would lend. */
function child(value: JsonValue, part: PathPart): JsonValue | undefined {
  if (Array.isArray(value)) return typeof part === "number" ? value[part] : undefined;
  if (typeof part === "number" || !isJsonObject(value)) return undefined;
  return Object.hasOwn(value, part) ? value[part] : undefined;
}

function written(value: JsonValue): Evaluation {
  try {
    return { ok: true, json: jsonOf(value) };
  } catch {
    // JSON.parse copes with any nesting, JSON.stringify only with what its stack holds.
    return { ok: false, message: "the value is nested too deeply" };
  }
}

function missing(value: JsonValue, name: string, part: PathPart): string {
  if (value === null) return `${name} is null`;
  if (Array.isArray(value)) {
    return typeof part === "number"
      ? `${name} has no element ${part}: its length is ${value.length}`
      : `${name} is a list`;
  }
  if (!isJsonObject(value)) return `${name} is neither an object nor a list`;
  return typeof part === "number" ? `${name} is an object, not a list` : `${name} has no ${quoted(part)}`;
}
