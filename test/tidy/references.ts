import type { Node, Placed, SourceFile } from "./source-file.ts";

/**
 * The identifiers of a file that stand for a value, not for a property, a key or a type.
 * Scopes are not followed: a local that takes a global's name reads as the global, to people too.
 */
export function valueReferences(file: SourceFile): readonly (Placed & { readonly name: string })[] {
  return file.nodes.flatMap((placed) =>
    placed.node.type === "Identifier" && standsForValue(placed.node, placed.parent)
      ? [{ ...placed, name: placed.node.name }]
      : [],
  );
}

/** The `a.b` of a member expression on a plain name, also when written `a["b"]` or `globalThis.a.b`. */
export function memberPath(node: Node): string | undefined {
  const property = propertyName(node);
  if (node.type !== "MemberExpression" || property === undefined) return undefined;
  if (node.object.type === "Identifier") return `${node.object.name}.${property}`;
  const owner = memberPath(node.object);
  return owner?.startsWith("globalThis.") ? `${owner.slice("globalThis.".length)}.${property}` : undefined;
}

/** The `it` of `it(…)`, `it.each(…)(…)` and `it.concurrent.only(…)`; empty when it starts otherwise. */
export function rootName(node: Node): string {
  if (node.type === "MemberExpression") return rootName(node.object);
  if (node.type === "CallExpression") return rootName(node.callee);
  if (node.type === "TaggedTemplateExpression") return rootName(node.tag);
  return node.type === "Identifier" ? node.name : "";
}

/** The `b` of `a.b` and `a["b"]`. */
export function propertyName(node: Node): string | undefined {
  if (node.type !== "MemberExpression") return undefined;
  if (!node.computed) return node.property.type === "Identifier" ? node.property.name : undefined;
  return node.property.type === "Literal" && typeof node.property.value === "string"
    ? node.property.value
    : undefined;
}

function standsForValue(node: Node, parent: Node | undefined): boolean {
  if (!parent) return false;
  if (parent.type === "MemberExpression") return parent.object === node || parent.computed;
  if (parent.type === "ImportSpecifier" || parent.type === "ExportSpecifier") return parent.local === node;
  if ("key" in parent && parent.key === node) return "computed" in parent && parent.computed;
  return !parent.type.startsWith("TS") || wrapsValue.has(parent.type);
}

/** The TypeScript nodes that stand around a value. */
const wrapsValue: ReadonlySet<string> = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
]);
