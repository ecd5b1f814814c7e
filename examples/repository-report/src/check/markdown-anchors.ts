import { proseOf, withoutCodeSpans } from "./markdown-prose.ts";

/** Every anchor of a Markdown file, in lower case: its headings as GitHub names them, and ids in its HTML. */
export function markdownAnchors(text: string): ReadonlySet<string> {
  const prose = proseOf(text);
  const anchors = new Set<string>();
  const uses = new Map<string, number>();
  for (const heading of headings(prose)) {
    const slug = slugOf(heading);
    let anchor = slug;
    // The second of a name gets -1, unless a heading already spells that.
    while (anchors.has(anchor)) {
      const use = (uses.get(slug) ?? 0) + 1;
      uses.set(slug, use);
      anchor = `${slug}-${use}`;
    }
    anchors.add(anchor);
  }
  const named = /<[a-z][^<>]*?\s(?:id|name)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))/gi;
  for (const match of withoutCodeSpans(prose).matchAll(named)) {
    anchors.add((match[1] ?? match[2] ?? match[3] ?? "").toLowerCase());
  }
  return anchors;
}

const headingLine = /^[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]+)*#{1,6}(?:[ \t]+(.*))?$/;
const underline = /^[ \t>]*(?:=+|-+)[ \t]*$/;

/** A longer line heads nothing; it also bounds what the patterns below have to search. */
const headingCharactersMax = 1_000;

function headings(prose: string): string[] {
  const lines = prose.split("\n");
  return lines.flatMap((line, index) => {
    if (line.length > headingCharactersMax) return [];
    const marked = headingLine.exec(line);
    if (marked !== null) return [(marked[1] ?? "").replace(/(?:^|[ \t]+)#+[ \t]*$/, "").trim()];
    const isUnderlined =
      line.trim() !== "" && underline.test(lines[index + 1] ?? "") && !underline.test(line);
    return isUnderlined ? [line.replace(/^[ \t>]+/, "").trim()] : [];
  });
}

/** As GitHub does: lower case, only letters, digits, `_`, `-`, and spaces as `-`. */
function slugOf(heading: string): string {
  return plainText(heading)
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}

/** `Array<string | number>` holds none. */
const tag = /<\/?[a-z][a-z\d-]*(?:\s+[a-z_:][\w.:-]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*\/?>/gi;

/** The text that a heading shows. */
function plainText(heading: string): string {
  const codes: string[] = [];
  // Code keeps its underscores and brackets: it steps aside while the rest is read.
  const outside = heading.replace(/(`+)(.+?)\1(?!`)/g, (_, __, code: string) => {
    codes.push(code.trim());
    return `\u{f0000}${codes.length - 1}\u{f0001}`;
  });
  return outside
    .replace(/!\[[^\]]*\](?:\([^()]*\)|\[[^\]]*\])/g, "")
    .replace(/\[((?:\\.|[^[\]\\])*)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\])/g, "$1")
    .replace(tag, "")
    .replace(/(?<![\p{L}\p{N}_\\])(_{1,3})(?=\S)(.+?)(?<=\S)\1(?![\p{L}\p{N}_])/gu, "$2")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1")
    .replace(/&(?:[a-z]+|#\d+|#x[\da-f]+);/gi, "")
    .replace(/\u{f0000}(\d+)\u{f0001}/gu, (_, index: string) => codes[Number(index)] ?? "");
}
