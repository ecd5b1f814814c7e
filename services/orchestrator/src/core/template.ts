import { renderedLengthMax, templateDepthMax } from "./definition-limits.ts";
import { type Expression, type ExpressionParser, evaluate, parseExpression, stepsOf } from "./expression.ts";
import type { Scope } from "./expression-scope.ts";
import type { Failure } from "./failure.ts";
import { elementField, memberField } from "./field-path.ts";
import { isJsonObject, type Json, type JsonObject, type JsonValue, jsonText } from "./json.ts";
import type { Problem } from "./problem.ts";
import { splitText } from "./template-text.ts";

/**
 * A tree with holes, flat: JSON text, a hole, JSON text, a hole, …, JSON text.
 * There is always one text more than there are holes.
 */
export type Template = {
  readonly texts: readonly string[];
  readonly holes: readonly Hole[];
};

/** Where a value goes. `inText`: inside a JSON string, so it is escaped and a string loses its quotes. */
export type Hole = {
  readonly expression: Expression;
  readonly field: string;
  readonly inText: boolean;
};

/** A step that a template reads, and where it does. */
export type Reference = { readonly stepId: string; readonly field: string };

/** A template, or every problem with its tree; in either case the steps that its sound parts read. */
export type CompiledTemplate = { readonly references: readonly Reference[] } & (
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly problems: readonly Problem[] }
);

/** The rendered JSON, or why it cannot be rendered: never worth a retry. */
export type RenderedTemplate =
  | { readonly ok: true; readonly json: Json }
  | { readonly ok: false; readonly failure: Failure };

type Draft = {
  readonly texts: string[];
  readonly holes: Hole[];
  readonly problems: Problem[];
  readonly parse: ExpressionParser;
  text: string;
};

/** Compiles a tree once, for many renderings. `field` is the tree's own path, which problems begin with. */
export function compileTemplate(
  tree: JsonValue,
  field = "",
  parse: ExpressionParser = parseExpression,
): CompiledTemplate {
  const draft: Draft = { texts: [], holes: [], problems: [], parse, text: "" };
  compileValue(draft, tree, field, 0);
  draft.texts.push(draft.text);
  // Copies are as long as they need to be: what has grown has room for many more.
  const template = { texts: draft.texts.slice(), holes: draft.holes.slice() };
  const found = references(template);
  if (draft.problems.length > 0) return { ok: false, problems: draft.problems, references: found };
  return { ok: true, template, references: found };
}

/** The sources of all expressions in a tree, each once, in any part of it that may be a template. */
export function expressionsIn(tree: JsonValue): ReadonlySet<string> {
  const sources = new Set<string>();
  const left = [tree];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value === "string") {
      const split = value.includes("${") ? splitText(value) : undefined;
      for (const piece of split?.ok ? split.pieces : [])
        if (piece.kind === "expression") sources.add(piece.source);
    } else if (typeof value === "object" && value !== null) {
      for (const part of Object.values(value)) left.push(part as JsonValue);
    }
  }
  return sources;
}

/** The steps that the template reads, each as often as it does. */
export function references(template: Template): readonly Reference[] {
  const found: Reference[] = [];
  for (const { expression, field } of template.holes) {
    for (const stepId of stepsOf(expression)) found.push({ stepId, field });
  }
  return found;
}

/** Fills the holes. A template that is one whole hole gives the very Json that the hole reads. */
export function renderTemplate(template: Template, scope: Scope): RenderedTemplate {
  const { texts, holes } = template;
  let text = texts[0]!;
  for (const [index, hole] of holes.entries()) {
    const evaluation = evaluate(hole.expression, scope);
    if (!evaluation.ok) return failed(hole, evaluation.message);
    if (isWhole(template)) return evaluation;
    text += (hole.inText ? textInside(evaluation.json) : evaluation.json.text) + texts[index + 1]!;
    if (text.length > renderedLengthMax)
      return failed(hole, `the result is longer than ${renderedLengthMax} characters`);
  }
  return { ok: true, json: jsonText(text) };
}

function compileValue(draft: Draft, value: JsonValue, field: string, depth: number): void {
  if (typeof value === "string") compileText(draft, value, field);
  else if (typeof value !== "object" || value === null) draft.text += JSON.stringify(value);
  else if (depth >= templateDepthMax)
    draft.problems.push({ field, message: `must not be nested more than ${templateDepthMax} deep` });
  else if (isJsonObject(value)) compileObject(draft, value, field, depth + 1);
  else compileList(draft, value, field, depth + 1);
}

/** Most parts are plain, and their paths would cost more than all else: nobody asks for those. */
function compilePart(draft: Draft, value: JsonValue, fieldOf: () => string, depth: number): void {
  if (typeof value === "number" || typeof value === "boolean") draft.text += String(value);
  else if (typeof value === "string" && !value.includes("${")) draft.text += JSON.stringify(value);
  else compileValue(draft, value, fieldOf(), depth);
}

function compileList(draft: Draft, list: readonly JsonValue[], field: string, depth: number): void {
  let separator = "";
  draft.text += "[";
  for (const [index, element] of list.entries()) {
    draft.text += separator;
    compilePart(draft, element, () => elementField(field, index), depth);
    separator = ",";
  }
  draft.text += "]";
}

function compileObject(draft: Draft, value: JsonObject, field: string, depth: number): void {
  let separator = "";
  draft.text += "{";
  for (const key of Object.keys(value)) {
    draft.text += `${separator}${JSON.stringify(key)}:`;
    compilePart(draft, value[key]!, () => memberField(field, key), depth);
    separator = ",";
  }
  draft.text += "}";
}

function compileText(draft: Draft, text: string, field: string): void {
  if (!text.includes("${")) {
    draft.text += JSON.stringify(text);
    return;
  }
  const split = splitText(text);
  if (!split.ok) {
    draft.problems.push({ field, message: split.message });
    return;
  }
  const isText = split.pieces.length > 1 || split.pieces[0]?.kind !== "expression";
  if (isText) draft.text += '"';
  for (const piece of split.pieces) {
    if (piece.kind === "text") draft.text += escaped(piece.text);
    else compileHole(draft, piece.source, field, isText);
  }
  if (isText) draft.text += '"';
}

function compileHole(draft: Draft, source: string, field: string, inText: boolean): void {
  const parsedExpression = draft.parse(source);
  if (!parsedExpression.ok) {
    draft.problems.push({ field, message: parsedExpression.message });
    return;
  }
  draft.texts.push(draft.text);
  draft.holes.push({ expression: parsedExpression.expression, field, inText });
  draft.text = "";
}

function isWhole({ texts, holes }: Template): boolean {
  return holes.length === 1 && texts[0] === "" && texts[1] === "";
}

/** The value as it stands inside a JSON string. A string's own text is escaped already. */
function textInside({ text }: Json): string {
  const trimmed = text.trim();
  return trimmed.startsWith('"') ? trimmed.slice(1, -1) : escaped(trimmed);
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Why a hole cannot be filled, in words that name its place and its expression. */
export function holeFailure({ expression, field }: Hole, message: string): Failure {
  const place = field === "" ? "" : `${field}: `;
  return expressionFailure(`${place}\${${expression.source}}: ${message}`);
}

/** A failure that the same data would bring about again. */
export function expressionFailure(message: string): Failure {
  return { code: "INVALID_ARGUMENT", message, retryable: false, reason: "EXPRESSION_FAILED" };
}

function failed(hole: Hole, message: string): RenderedTemplate {
  return { ok: false, failure: holeFailure(hole, message) };
}
