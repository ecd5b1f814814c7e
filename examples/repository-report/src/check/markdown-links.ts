import { proseOf, withoutCodeSpans } from "./markdown-prose.ts";

/** A link or an image of a Markdown file, as it is written. */
export interface MarkdownLink {
  readonly kind: "link" | "image";
  readonly target: string;
  /** From 1. */
  readonly line: number;
}

interface Found {
  readonly kind: "link" | "image";
  readonly target: string;
  readonly offset: number;
}

/** A longer target, or one with more parentheses open, is none. */
const targetCharactersMax = 4_000;
const parenthesesMax = 32;

/** Every link and image: inline, by reference (at its definition) and in HTML. Code holds none. */
export function markdownLinks(text: string): MarkdownLink[] {
  const prose = withoutCodeSpans(proseOf(text));
  const found = [...inlineLinks(prose), ...definitions(prose), ...htmlLinks(prose)];
  found.sort((a, b) => a.offset - b.offset);
  const lineAt = lineCounter(prose);
  return found.map(({ kind, target, offset }) => ({ kind, target, line: lineAt(offset) }));
}

/** `[label](target "title")`; brackets in a label come in pairs, and end with the paragraph. */
function inlineLinks(prose: string): Found[] {
  const found: Found[] = [];
  let open: number[] = [];
  for (const token of prose.matchAll(/\\.|!?\[|\]|\n[ \t]*\n/g)) {
    if (token[0] === "[" || token[0] === "![") open.push(token.index);
    else if (token[0].startsWith("\n")) open = [];
    else if (token[0] === "]") {
      const label = open.pop();
      if (label === undefined || prose.charAt(token.index + 1) !== "(") continue;
      const target = inlineTarget(prose, token.index + 2);
      if (target === null) continue;
      found.push({ kind: prose.charAt(label) === "!" ? "image" : "link", target, offset: label });
    }
  }
  return found;
}

const title = /^(?:\s+(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\((?:\\.|[^()\\])*\)))?\s*\)/;

/** The target after `](`, if what follows is one, a title and `)`. */
function inlineTarget(prose: string, start: number): string | null {
  const rest = prose.slice(start, start + targetCharactersMax);
  const space = /^\s*/.exec(rest)?.[0].length ?? 0;
  const angled = /^<((?:\\.|[^<>\n\\])*)>/.exec(rest.slice(space));
  const raw = angled === null ? bareTarget(rest.slice(space)) : angled[0];
  if (raw === null || !title.test(rest.slice(space + raw.length))) return null;
  return withoutEscapes(angled?.[1] ?? raw);
}

/** Up to a space or the `)` that has no `(` of its own. */
function bareTarget(text: string): string | null {
  let depth = 0;
  for (const token of text.matchAll(/\\[^\s]|[\s()]/g)) {
    if (token[0] === "(") depth += 1;
    else if (depth === 0 && token[0] === ")") return text.slice(0, token.index);
    else if (token[0] === ")") depth -= 1;
    else if (!token[0].startsWith("\\")) return text.slice(0, token.index);
    if (depth > parenthesesMax) return null;
  }
  return null;
}

/** `[label]: target`. A footnote's label starts with `^`, and its text is no target. */
function definitions(prose: string): Found[] {
  const definition =
    /^[ \t>]*\[(?!\^)(?:\\.|[^[\]\\\n])+\]:[ \t]*\n?[ \t]*(?:<([^<>\n]*)>|(\S+))(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$/gm;
  return [...prose.matchAll(definition)].map((match) => ({
    kind: "link",
    target: withoutEscapes(match[1] ?? match[2] ?? ""),
    offset: match.index,
  }));
}

/** `<a href>` and `<img src>` */
function htmlLinks(prose: string): Found[] {
  const tag = /<(a|img)\b[^<>]*?\s(href|src)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))/gi;
  return [...prose.matchAll(tag)]
    .filter((match) => (match[1]?.toLowerCase() === "a") === (match[2]?.toLowerCase() === "href"))
    .map((match) => ({
      kind: match[1]?.toLowerCase() === "a" ? "link" : "image",
      target: (match[3] ?? match[4] ?? match[5] ?? "").trim(),
      offset: match.index,
    }));
}

function withoutEscapes(target: string): string {
  return target.replace(/\\([!-/:-@[-`{-~])/g, "$1").replaceAll("&amp;", "&");
}

/** Line numbers of offsets that only grow. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let at = text.indexOf("\n");
  return (offset) => {
    for (; at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
    return line;
  };
}
