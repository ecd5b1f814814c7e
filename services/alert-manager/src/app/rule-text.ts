import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";
import { type CheckedRules, checkRules } from "../core/check-rules.ts";
import type { Problem } from "../core/problem.ts";

/** A file of rules of five hundred rules has a quarter of it. */
export const ruleBytesMax = 256 * 1024;
/** Each costs a search of the document. */
const aliasesMax = 100;

type Parsed =
  | { readonly ok: true; readonly tree: unknown; readonly lineOf: (field: string) => number | undefined }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads rules from YAML (or JSON) on top of the shipped ones. All problems at once, each with its field and line.
 * `receivers`: the names there are; undefined: any.
 */
export function readRules(text: string, shipped: string, receivers?: ReadonlySet<string>): CheckedRules {
  const base = parse(shipped);
  if (!base.ok) throw new Error(`the shipped rules are broken: ${base.problems[0]?.message}`);
  const own = parse(text);
  if (!own.ok) return own;
  const checked = checkRules(own.tree, base.tree, receivers);
  if (checked.ok) return checked;
  const problems = checked.problems.map((problem) => {
    const line = own.lineOf(problem.field);
    return line === undefined ? problem : { ...problem, line };
  });
  return { ok: false, problems };
}

function parse(text: string): Parsed {
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
    return { ok: true, tree, lineOf: (field) => lineOf(document.contents, lines, field) };
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

function refused(message: string): Parsed {
  return { ok: false, problems: [{ field: "", message }] };
}
