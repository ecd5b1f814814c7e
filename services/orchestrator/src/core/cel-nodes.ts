import type { Constant, Expr } from "./cel-library.ts";

/** A call that takes the place of `expression`, or stands around it. */
export function callNode(expression: Expr, name: string, args: Expr[]): Expr {
  return {
    ...expression,
    exprKind: { case: "callExpr", value: { $typeName: "cel.expr.Expr.Call", function: name, args } },
  };
}

/** A name that takes the place of `expression`. */
export function nameNode(expression: Expr, name: string): Expr {
  return {
    ...expression,
    exprKind: { case: "identExpr", value: { $typeName: "cel.expr.Expr.Ident", name } },
  };
}

/** A text, as an operand of a call that takes the place of `expression`. */
export function textNode(expression: Expr, value: string): Expr {
  return constantNode(expression, { case: "stringValue", value });
}

/** A whole number, likewise. */
export function numberNode(expression: Expr, value: number): Expr {
  return constantNode(expression, { case: "int64Value", value: BigInt(value) });
}

function constantNode(expression: Expr, constantKind: Constant["constantKind"]): Expr {
  return {
    ...expression,
    exprKind: { case: "constExpr", value: { $typeName: "cel.expr.Constant", constantKind } },
  };
}

/** What a node goes into and by which member, for `x.member` and `x["member"]`; undefined for others. */
export function memberParts({
  exprKind,
}: Expr): { readonly from: Expr; readonly member: string } | undefined {
  if (exprKind.case === "selectExpr") {
    const { operand, field, testOnly } = exprKind.value;
    return operand === undefined || testOnly ? undefined : { from: operand, member: field };
  }
  if (exprKind.case !== "callExpr" || exprKind.value.function !== "_[_]") return undefined;
  const [from, key] = exprKind.value.args;
  const member = key && textOf(key);
  return from === undefined || member === undefined ? undefined : { from, member };
}

/** The name that a node is; undefined when it is none. */
export function nameOf({ exprKind }: Expr): string | undefined {
  return exprKind.case === "identExpr" ? exprKind.value.name : undefined;
}

/** Whether a node is a boolean whenever it is no error. */
export function isBoolean({ exprKind }: Expr): boolean {
  switch (exprKind.case) {
    case "constExpr":
      return exprKind.value.constantKind.case === "boolValue";
    case "callExpr":
      return booleanCalls.has(exprKind.value.function);
    case "identExpr":
      // Of the macros, only those that gather a boolean use what they gather as a condition.
      return exprKind.value.name === gathered;
    default:
      return false;
  }
}

/** What macros call the value that they gather. */
export const gathered = "@result";

const booleanCalls: ReadonlySet<string> = new Set(
  "_==_ _!=_ _<_ _<=_ _>_ _>=_ @in !_ _&&_ _||_ @not_strictly_false @has @condition contains matches startsWith endsWith".split(
    " ",
  ),
);

function textOf({ exprKind }: Expr): string | undefined {
  if (exprKind.case !== "constExpr") return undefined;
  const { constantKind } = exprKind.value;
  return constantKind.case === "stringValue" ? constantKind.value : undefined;
}
