import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument as parseYaml,
  visit,
} from "yaml";
import { type PathPart, parsePath } from "../core/field-path.ts";
import { defaultDefinitionLimits } from "../core/limits.ts";
import { listed, type Problem, quoted } from "../core/problem.ts";

/**
 * YAML is read at about a megabyte a second, and hostile text three to four times slower, one text after the other:
 * what is larger has to be JSON.
 */
export const yamlBytesMax = 256 * 1024;
/** Each one costs a search of the document, so that many would take quadratic time. */
export const aliasesMax = 100;

/** The tree of a definition's text, yet unchecked, or what is wrong with the text. */
export type ParsedDocument =
  | {
      readonly ok: true;
      readonly tree: unknown;
      /** The line, from 1, of the field or of the nearest thing around it; undefined when it is not known. */
      readonly lineOf: (field: string) => number | undefined;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads a definition from YAML or JSON text. */
export function parseDocument(
  text: string,
  definitionBytesMax = defaultDefinitionLimits.definitionBytesMax,
): ParsedDocument {
  const bytes = Buffer.byteLength(text);
  if (bytes > definitionBytesMax)
    return refused([`the document has ${bytes} bytes; the limit is ${definitionBytesMax}`]);
  const isSmall = bytes <= yamlBytesMax;
  const json = parseJson(text);
  if (json?.hasUniqueKeys) {
    return {
      ok: true,
      tree: json.tree,
      lineOf: isSmall ? lineFinder(() => readYaml(text)) : () => undefined,
    };
  }
  if (isSmall) return fromYaml(readYaml(text));
  if (json !== undefined) return refused(["an object has the same key twice"]);
  return refused([
    `the document has ${bytes} bytes and is not JSON; the limit for YAML is ${yamlBytesMax}, and JSON may be larger`,
  ]);
}

type Yaml = { readonly document: Document.Parsed; readonly lines: LineCounter };

function readYaml(text: string): Yaml {
  const lines = new LineCounter();
  const document = withoutStacks(() =>
    parseYaml(text, {
      version: "1.2",
      schema: "core",
      merge: false,
      stringKeys: true,
      // Its own check takes quadratic time: 160 s for 60,000 keys. `repeatedKeys` does it.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "error",
      lineCounter: lines,
    }),
  );
  return { document, lines };
}

/** The library makes an Error of each fault, and a text may have one for every character: stacks were most of the time. */
function withoutStacks<Result>(read: () => Result): Result {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return read();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function fromYaml(yaml: Yaml): ParsedDocument {
  const { document, lines } = yaml;
  // An unknown tag is a warning to the library; here it would change the meaning unseen.
  const faults = [...document.errors, ...document.warnings];
  if (faults.some(({ code }) => code === "RESOURCE_EXHAUSTION")) return refused([tooDeep]);
  if (faults.length > 0) return refused(faults.map(({ pos, message }) => located(lines, pos[0], message)));
  try {
    const mistakes = findMistakes(yaml);
    if (mistakes.length > 0) return refused(mistakes);
    return {
      ok: true,
      tree: document.toJS({ maxAliasCount: aliasesMax }) as unknown,
      lineOf: lineFinder(() => yaml),
    };
  } catch (error) {
    // What the library throws here: an unknown or excessive alias, or a tree deeper than the stack.
    return refused([error instanceof ReferenceError ? error.message : tooDeep]);
  }
}

const tooDeep = "the document is nested too deeply";

/** Repeated keys, and too many aliases. */
function findMistakes({ document, lines }: Yaml): readonly string[] {
  const mistakes: string[] = [];
  let aliases = 0;
  visit(document, {
    Alias: () => {
      if (++aliases > aliasesMax) return visit.BREAK;
    },
    Map: (_, { items }) => {
      for (const key of repeatedKeys(items)) {
        mistakes.push(located(lines, startOf(key), `the key ${quoted(nameOf(key))} is repeated`));
      }
    },
  });
  return aliases > aliasesMax ? [`the document has more than ${aliasesMax} aliases`] : mistakes;
}

function repeatedKeys(pairs: readonly Pair[]): readonly unknown[] {
  const seen = new Set<string>();
  return pairs
    .map(({ key }) => key)
    .filter((key) => {
      const name = nameOf(key);
      const isRepeated = seen.has(name);
      seen.add(name);
      return isRepeated;
    });
}

/** Finds lines in a document that is read when the first one is asked for. */
function lineFinder(read: () => Yaml): (field: string) => number | undefined {
  let yaml: Yaml | undefined;
  return (field) => {
    yaml ??= read();
    const offset = offsetOf(yaml.document.contents, parsePath(field) ?? []);
    return offset === undefined ? undefined : yaml.lines.linePos(offset).line;
  };
}

/** Where the field begins, or what is nearest around it: a missing field has no place of its own. */
function offsetOf(root: Node | null, path: readonly PathPart[]): number | undefined {
  let node: unknown = root;
  let offset = startOf(root);
  for (const part of path) {
    const pair = isMap(node) ? node.items.find(({ key }) => nameOf(key) === part) : undefined;
    const element: unknown = isSeq(node) && typeof part === "number" ? node.items[part] : undefined;
    offset = startOf(pair?.key ?? element) ?? offset;
    node = pair?.value ?? element;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : "";
}

function located(lines: LineCounter, offset: number | undefined, message: string): string {
  if (offset === undefined) return message;
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}: ${message}`;
}

function refused(messages: readonly string[]): ParsedDocument {
  return { ok: false, problems: listed(messages.map((message) => ({ field: "", message }))) };
}

/** The fast way for the text that is JSON; undefined for other text. */
function parseJson(text: string): { readonly tree: unknown; readonly hasUniqueKeys: boolean } | undefined {
  try {
    const tree: unknown = JSON.parse(text);
    return { tree, hasUniqueKeys: countMembers(tree) === countColons(text) };
  } catch {
    return undefined;
  }
}

/** In JSON text each colon outside a string is a member; of those with equal keys JSON.parse keeps one. */
function countColons(text: string): number {
  let count = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') inString = !inString;
    else if (character === "\\") index++;
    else if (character === ":" && !inString) count++;
  }
  return count;
}

function countMembers(tree: unknown): number {
  let count = 0;
  const left = [tree];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== "object" || value === null) continue;
    const members: readonly unknown[] = Object.values(value);
    if (!Array.isArray(value)) count += members.length;
    for (const member of members) left.push(member);
  }
  return count;
}
