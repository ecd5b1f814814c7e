import { memberPath, valueReferences } from "../references.ts";
import type { Rule, Violation } from "../rule.ts";
import { isTest, lineAt, type Node, type SourceFile } from "../source-file.ts";

const pure = /^services\/[^/]+\/src\/(?:.+\/)?core\/|^libs\/balancer\/src\//;

/** What brings in time, chance, the outside or a side effect, and what the core does instead. */
const impure: Readonly<Record<string, readonly string[]>> = {
  "take the time as an input": ["Date.now", "performance"],
  "yield a timer effect, which the shell arms": [
    "setTimeout",
    "setInterval",
    "setImmediate",
    "queueMicrotask",
  ],
  "derive it from its parents, or take what was drawn as an input": ["Math.random", "crypto"],
  "return what is worth telling; the shell logs it": ["console"],
  "let the shell do it and pass plain data in": ["process", "fetch", "globalThis"],
};

const insteadOf: ReadonlyMap<string, string> = new Map(
  Object.entries(impure).flatMap(([instead, names]) => names.map((name) => [name, instead] as const)),
);

/** The core has no clock, chance, environment, logging or I/O; time comes in and leaves as data. */
export const purity: Rule = {
  name: "purity",
  check: (house) =>
    house.files.filter(({ path }) => pure.test(path) && !isTest(path)).flatMap((file) => impuritiesIn(file)),
};

function impuritiesIn(file: SourceFile): readonly Violation[] {
  const breach = (node: Node, what: string, instead: string): Violation => ({
    path: file.path,
    line: lineAt(file, node.start),
    problem: `pure code uses ${what}`,
    instead,
  });
  const globals = valueReferences(file).flatMap(({ node, name }) => {
    const instead = insteadOf.get(name);
    return instead ? [breach(node, name, instead)] : [];
  });
  const members = file.nodes.flatMap(({ node }) => {
    if (readsToday(node)) return [breach(node, "new Date()", "take the time as an input")];
    const path = memberPath(node);
    const instead = path && insteadOf.get(path);
    return instead ? [breach(node, path, instead)] : [];
  });
  return [...globals, ...members];
}

/** `new Date()` and `Date()` read the clock; `new Date(ms)` does not. */
function readsToday(node: Node): boolean {
  if (node.type !== "NewExpression" && node.type !== "CallExpression") return false;
  if (node.callee.type !== "Identifier" || node.callee.name !== "Date") return false;
  return node.type === "CallExpression" || node.arguments.length === 0;
}
