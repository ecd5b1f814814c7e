import { parseAst } from "rolldown/parseAst";
import type { ESTree } from "rolldown/utils";

export type Node = ESTree.Node;

/** A node with the node above it: most rules ask where a thing stands. */
export interface Placed {
  readonly node: Node;
  readonly parent: Node | undefined;
}

/** One TypeScript source, parsed once; every rule reads the same nodes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly nodes: readonly Placed[];
}

/** Parses a source; `path` is relative to the root of the repository, with forward slashes. */
export function parseSource(path: string, text: string): SourceFile {
  const nodes: Placed[] = [];
  collect(parse(path, text), undefined, nodes);
  return { path, text, nodes };
}

function parse(path: string, text: string): Node {
  try {
    return parseAst(text, { lang: "ts" });
  } catch (cause) {
    throw new Error(`${path} is not TypeScript`, { cause });
  }
}

/** The line, counted from 1, on which an offset of the source stands. */
export function lineAt(file: SourceFile, offset: number): number {
  return file.text.slice(0, offset).split("\n").length;
}

/** A test, or a suite that tests run on each adapter of a port. */
export function isTest(path: string): boolean {
  return path.endsWith(".test.ts") || path.endsWith(".contract.ts");
}

/** What tests share, and nobody else. */
export function isFixture(path: string): boolean {
  return path.endsWith(".fixture.ts");
}

function collect(node: Node, parent: Node | undefined, into: Placed[]): void {
  into.push({ node, parent });
  for (const value of Object.values(node) as readonly unknown[]) {
    for (const child of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (isNode(child)) collect(child, node, into);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
