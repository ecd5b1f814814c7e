import { isFunction } from "./cel-environment.ts";
import type { Constant, Expr, Expr_Call, Expr_Comprehension, Expr_CreateStruct } from "./cel-library.ts";
import {
  callNode,
  gathered,
  isBoolean,
  memberParts,
  nameNode,
  nameOf,
  numberNode,
  textNode,
} from "./cel-nodes.ts";
import { hidden } from "./cel-operation.ts";
import { comprehensionDepthMax, expressionNodesMax } from "./definition-limits.ts";
import { formatPath } from "./field-path.ts";
import { quoted } from "./problem.ts";

/** Something outside that an expression reads. */
export type Read =
  | { readonly kind: "input" | "vars" | "executionId" }
  | { readonly kind: "output" | "status"; readonly stepId: string };

/** An expression that has been understood, ready to be planned. */
export type Reading =
  | {
      readonly ok: true;
      readonly expression: Expr;
      /** By the name that the expression now has for it. */
      readonly reads: ReadonlyMap<string, Read>;
      /** Of one evaluation without the turns of macros. */
      readonly cost: number;
    }
  | { readonly ok: false; readonly message: string };

/** What is wrong with an expression. Thrown within this file only, out of any depth of it. */
class Mistake extends Error {}

/** `names`: the variables of the macros around. `cost`: of what has been read, one visit to each node. */
type Reader = {
  readonly reads: Map<string, Read>;
  readonly names: ReadonlySet<string>;
  readonly depth: number;
  readonly count: { nodes: number; cost: number };
};

const types = new Set("int uint double bool string bytes list map null_type type".split(" "));
const macros = new Set(["all", "exists", "exists_one", "existsOne", "map", "filter"]);
const logic = new Set(["_&&_", "_||_"]);
const conditional = "_?_:_";
// What a visit costs. An error is made anew at every && and || that it passes, and by a map with a bad key.
const callCost = 1;
const leafCost = 0.25;
const logicCost = 4;
const entryCost = 5;

/**
 * Checks an expression and rewrites it: what it reads of steps becomes a name, and whatever has a cost or an
 * error that must be counted becomes a call of ours.
 */
export function readExpression(expression: Expr): Reading {
  const reader: Reader = { reads: new Map(), names: new Set(), depth: 0, count: { nodes: 0, cost: 0 } };
  try {
    const read = readNode(reader, expression);
    return { ok: true, expression: read, reads: reader.reads, cost: reader.count.cost };
  } catch (error) {
    if (error instanceof Mistake) return { ok: false, message: error.message };
    throw error;
  }
}

function readNode(reader: Reader, expression: Expr): Expr {
  const { exprKind } = expression;
  countNode(reader, exprKind.case === "constExpr" || exprKind.case === "identExpr" ? leafCost : callCost);
  switch (exprKind.case) {
    case "constExpr":
      return readConstant(expression, exprKind.value);
    case "identExpr":
      return readName(reader, expression, exprKind.value.name);
    case "selectExpr":
      return readSelect(reader, expression, exprKind.value);
    case "callExpr":
      return readCall(reader, expression, exprKind.value);
    case "listExpr": {
      const elements = exprKind.value.elements.map((element) => readNode(reader, element));
      return { ...expression, exprKind: { case: "listExpr", value: { ...exprKind.value, elements } } };
    }
    case "structExpr":
      return readMap(reader, expression, exprKind.value);
    case "comprehensionExpr":
      return readMacro(reader, expression, exprKind.value);
    default:
      throw new Mistake("is incomplete");
  }
}

function readConstant(expression: Expr, { constantKind }: Constant): Expr {
  if (constantKind.case === "int64Value" && BigInt.asIntN(64, constantKind.value) !== constantKind.value)
    throw new Mistake(`has the number ${constantKind.value}, which is beyond 64 bits`);
  return expression;
}

function countNode({ count }: Reader, cost: number): void {
  count.cost += cost;
  if (++count.nodes > expressionNodesMax)
    throw new Mistake(`has more than ${expressionNodesMax} names, values and operators`);
}

function readName(reader: Reader, expression: Expr, name: string): Expr {
  if (reader.names.has(name) || types.has(name)) return expression;
  if (name === "input" || name === "vars") return readOutside(reader, expression, name, { kind: name });
  if (name === "steps")
    throw new Mistake("must name the steps that it reads: steps.id.output or steps.id.status");
  if (name === "execution") throw new Mistake("must read execution.id: execution has nothing else");
  throw new Mistake(`has the unknown name ${quoted(name)}; known are input, vars, steps and execution`);
}

function readOutside({ reads }: Reader, expression: Expr, name: string, read: Read): Expr {
  reads.set(name, read);
  return nameNode(expression, name);
}

/** `steps.id.output` and the like, as one name; undefined for everything else. */
function readReference(reader: Reader, expression: Expr): Expr | undefined {
  const last = memberParts(expression);
  if (last === undefined) return undefined;
  if (isOutside(reader, last.from, "execution") && last.member === "id")
    return readOutside(reader, expression, "execution.id", { kind: "executionId" });
  const step = memberParts(last.from);
  if (step === undefined || !isOutside(reader, step.from, "steps")) return undefined;
  const { member: kind } = last;
  if (kind !== "output" && kind !== "status")
    throw new Mistake(`reads ${quoted(kind)} of a step, which has output and status`);
  return readOutside(reader, expression, `steps.${step.member}.${kind}`, { kind, stepId: step.member });
}

function isOutside({ names }: Reader, expression: Expr, name: string): boolean {
  return nameOf(expression) === name && !names.has(name);
}

function readSelect(
  reader: Reader,
  expression: Expr,
  { operand, field, testOnly }: { operand?: Expr | undefined; field: string; testOnly: boolean },
): Expr {
  const reference = readReference(reader, expression);
  if (reference !== undefined) return reference;
  if (operand === undefined) throw new Mistake("is incomplete");
  const key = textNode(expression, field);
  return memberCall(reader, expression, testOnly ? hidden.has : hidden.member, operand, key);
}

function memberCall(reader: Reader, expression: Expr, name: string, from: Expr, key: Expr): Expr {
  const known = textNode(expression, pathOf(from));
  return callNode(expression, name, [readNode(reader, from), key, known]);
}

/** What an author calls a value: its path, when it is one. */
function pathOf(expression: Expr): string {
  const name = nameOf(expression);
  if (name !== undefined) return name;
  const parts = memberParts(expression);
  return parts === undefined ? "the value" : formatPath([parts.member], pathOf(parts.from));
}

function readCall(reader: Reader, expression: Expr, call: Expr_Call): Expr {
  const { function: name, target, args } = call;
  if (name === "_[_]") {
    const reference = readReference(reader, expression);
    return reference ?? memberCall(reader, expression, hidden.member, args[0]!, readNode(reader, args[1]!));
  }
  if (name === "_+_" && nameOf(args[0]!) === gathered && args[1]!.exprKind.case === "listExpr")
    return readCollect(reader, expression, args[0]!, args[1]!.exprKind.value.elements);
  if (logic.has(name)) countNode(reader, logicCost);
  else if (name !== conditional) refuseUnknown(name, target !== undefined);
  const read = args.map((arg) => readNode(reader, arg));
  const conditions = name === conditional ? 1 : logic.has(name) ? args.length : 0;
  const value = { ...call, args: read.map((arg, index) => (index < conditions ? asCondition(arg) : arg)) };
  if (target !== undefined) value.target = readNode(reader, target);
  return { ...expression, exprKind: { case: "callExpr", value } };
}

function asCondition(expression: Expr): Expr {
  return isBoolean(expression) ? expression : callNode(expression, hidden.condition, [expression]);
}

function refuseUnknown(name: string, isMethod: boolean): void {
  if (name === "has") throw new Mistake("must give has() a member to look for, such as has(input.a)");
  if (macros.has(name) && isMethod)
    throw new Mistake(`must give ${name}() a name and an expression, such as input.list.${name}(x, x > 1)`);
  if (name !== "@not_strictly_false" && !isFunction(name))
    throw new Mistake(`calls ${quoted(name)}, which is no function of the expression language`);
}

function readCollect(reader: Reader, expression: Expr, list: Expr, elements: readonly Expr[]): Expr {
  return callNode(expression, hidden.collect, [
    list,
    ...elements.map((element) => readNode(reader, element)),
  ]);
}

function readMap(reader: Reader, expression: Expr, struct: Expr_CreateStruct): Expr {
  if (struct.messageName !== "")
    throw new Mistake(`makes a ${struct.messageName}, a type that is not known here`);
  const entries = struct.entries.map((entry) => {
    if (entry.keyKind.case !== "mapKey" || entry.value === undefined) throw new Mistake("is incomplete");
    countNode(reader, entryCost);
    const key = readNode(reader, entry.keyKind.value);
    return {
      ...entry,
      keyKind: { case: "mapKey" as const, value: key },
      value: readNode(reader, entry.value),
    };
  });
  return { ...expression, exprKind: { case: "structExpr", value: { ...struct, entries } } };
}

function readMacro(reader: Reader, expression: Expr, macro: Expr_Comprehension): Expr {
  const { iterRange, accuInit, loopCondition, loopStep, result } = macro;
  if (!iterRange || !accuInit || !loopCondition || !loopStep || !result) throw new Mistake("is incomplete");
  if (reader.depth >= comprehensionDepthMax)
    throw new Mistake(
      `has more than ${comprehensionDepthMax} macros such as map and filter within one another`,
    );
  const range = readNode(reader, iterRange);
  const names = new Set([...reader.names, macro.iterVar, gathered]);
  const turns: Reader = { ...reader, names, depth: reader.depth + 1 };
  const costBefore = reader.count.cost;
  const value = {
    ...macro,
    loopCondition: readNode(turns, loopCondition),
    loopStep: readNode(turns, loopStep),
  };
  const turn = numberNode(iterRange, Math.ceil(reader.count.cost - costBefore));
  value.accuInit =
    accuInit.exprKind.case === "listExpr" ? callNode(accuInit, hidden.collection, []) : accuInit;
  value.result = readNode(turns, result);
  value.iterRange = callNode(iterRange, hidden.range, [range, turn]);
  return { ...expression, exprKind: { case: "comprehensionExpr", value } };
}
