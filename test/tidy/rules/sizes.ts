import { rootName } from "../references.ts";
import type { Rule, Violation } from "../rule.ts";
import { isTest, lineAt, type Node, type Placed, type SourceFile } from "../source-file.ts";

const fileLinesMax = 300;
const testLinesMax = 400;
const functionLinesMax = 50;

/** A file holds one idea and a function one step. */
export const sizes: Rule = {
  name: "sizes",
  check: (house) => house.files.flatMap((file) => [...tooLongFile(file), ...tooLongFunctions(file)]),
};

function tooLongFile(file: SourceFile): readonly Violation[] {
  const lines = file.text.split("\n").length - (file.text.endsWith("\n") ? 1 : 0);
  const max = isTest(file.path) ? testLinesMax : fileLinesMax;
  if (lines <= max) return [];
  const problem = `${lines} lines, more than ${max}`;
  return [
    { path: file.path, line: max + 1, problem, instead: "split it by idea into files named after them" },
  ];
}

function tooLongFunctions(file: SourceFile): readonly Violation[] {
  return file.nodes.flatMap((placed) => {
    if (!isFunction(placed.node) || isTestCallback(placed) || isSuite(file, placed.node)) return [];
    const line = lineAt(file, placed.node.start);
    const lines = lineAt(file, placed.node.end) - line + 1;
    if (lines <= functionLinesMax) return [];
    const problem = `a function of ${lines} lines, more than ${functionLinesMax}`;
    return [{ path: file.path, line, problem, instead: "give its steps names of their own" }];
  });
}

function isFunction(node: Node): boolean {
  return /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);
}

const testCalls: ReadonlySet<string> = new Set(
  "describe suite it test bench beforeAll beforeEach afterAll afterEach".split(" "),
);

/** The function given to describe or it is a page of a story rather than a step. */
function isTestCallback({ node, parent }: Placed): boolean {
  return (
    parent?.type === "CallExpression" && parent.callee !== node && testCalls.has(rootName(parent.callee))
  );
}

/** A contract suite is a describe that adapters call by its name. */
function isSuite(file: SourceFile, node: Node): boolean {
  if (!file.path.endsWith(".contract.ts") || node.type !== "FunctionDeclaration") return false;
  return file.text.startsWith("function describe", node.start);
}
