import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";
import type { Problem } from "../core/problem.ts";

/** A file of rules of five hundred rules has a quarter of it. */
export const ruleBytesMax = 256 * 1024;
/** Each costs a search of the document. */
const aliasesMax = 100;

/** The tree of a document, yet unchecked, or what is wrong with its text. */
export type ParsedYaml =
  | {
      readonly ok: true;
      readonly tree: unknown;
      /** The problem with the line of its field, or of the nearest thing around it. */
      readonly located: (problem: Problem) => Problem;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads YAML (or JSON). */
export function parseYaml(text: string): ParsedYaml {
  const bytes = Buffer.byteLength(text);
  if (bytes > ruleBytesMax) return refused(`the rules have ${bytes} bytes; the limit is ${ruleBytesMax}`);
  const lines = new LineCounter();
  const options = {
    version: "1.2",
    schema: "core",
    merge: false,
    stringKeys: true,
    prettyErrors: false,
  } as const;
  const document = parseDocument(text, {
    ...options,
    logLevel: "error",
    uniqueKeys: false,
    lineCounter: lines,
  });
  const faults = [...document.errors, ...document.warnings].slice(0, 10);
  if (faults.length > 0)
    return { ok: false, problems: faults.map(({ pos, message }) => at(lines, pos[0], message)) };
  const repeated = repeatedKeys(document.contents, lines);
  if (repeated.length > 0) return { ok: false, problems: repeated };
  try {
    const tree = (document.toJS({ maxAliasCount: aliasesMax }) as unknown) ?? {};
    return {
      ok: true,
      tree,
      located(problem) {
        const line = lineOf(document.contents, lines, problem.field);
        return line === undefined ? problem : { ...problem, line };
      },
    };
  } catch (error) {
    // What the library throws here: an unknown or excessive alias, or a tree deeper than the stack.
    return refused(error instanceof ReferenceError ? error.message : "the rules are nested too deeply");
  }
}

/** The library's own check takes quadratic time. */
function repeatedKeys(root: Node | null, lines: LineCounter): readonly Problem[] {
  const problems: Problem[] = [];
  visit(root, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        const name = nameOf(key);
        if (seen.has(name))
          problems.push(at(lines, startOf(key), `the key ${JSON.stringify(name)} is repeated`));
        seen.add(name);
      }
    },
  });
  return problems.slice(0, 10);
}

/** The line of a field such as `rules[2].signal.at`, or of the nearest thing around it. */
function lineOf(root: Node | null, lines: LineCounter, field: string): number | undefined {
  let node: unknown = root;
  let offset = startOf(root);
  for (const part of field.match(/[A-Za-z_][A-Za-z0-9_]*|\d+/g) ?? []) {
    const pair = isMap(node) ? node.items.find(({ key }) => nameOf(key) === part) : undefined;
    const element: unknown = isSeq(node) ? node.items[Number(part)] : undefined;
    if (!pair && element === undefined) break;
    offset = startOf(pair?.key ?? element) ?? offset;
    node = pair?.value ?? element;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : "";
}

function at(lines: LineCounter, offset: number | undefined, message: string): Problem {
  return offset === undefined
    ? { field: "", message }
    : { field: "", message, line: lines.linePos(offset).line };
}

function refused(message: string): ParsedYaml {
  return { ok: false, problems: [{ field: "", message }] };
}
