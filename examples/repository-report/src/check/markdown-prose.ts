/** Leading quote marks, list markers and spaces: what may stand before a block inside of other blocks. */
const container = /^(?:[ \t]*(?:>|[-*+][ \t]|\d{1,9}[.)][ \t]))*[ \t]*/;
const listItem = /^[ \t]*(?:>[ \t]*)*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;

interface Fence {
  readonly mark: string;
  readonly quoted: boolean;
}

/**
 * Markdown without what is not prose: front matter, fenced and indented code, HTML comments. What is taken out
 * becomes spaces, so that every offset and line number stays true.
 */
export function proseOf(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const start = frontMatterEnd(lines);
  let fence: Fence | null = null;
  let inList = false;
  let mayIndent = true;
  const prose = lines.map((line, index) => {
    if (index < start) return blank(line);
    if (fence !== null && !leavesFence(fence, line)) {
      if (closesFence(fence, line)) fence = null;
      mayIndent = true;
      return blank(line);
    }
    fence = opensFence(line);
    if (fence !== null) return blank(line);
    const empty = line.trim() === "";
    if (!empty && mayIndent && !inList && /^(?: {4}|\t)/.test(line)) return blank(line);
    if (listItem.test(line)) inList = true;
    else if (!empty && !/^[ \t]/.test(line) && mayIndent) inList = false;
    mayIndent = empty || /^ {0,3}#{1,6}[ \t]/.test(line);
    return line;
  });
  return withoutComments(prose.join("\n"));
}

/** Prose without its code spans, which hold no links. They end within their paragraph. */
export function withoutCodeSpans(prose: string): string {
  const parts = prose.split(/(\n[ \t]*\n)/);
  return parts.map((part) => (part.includes("`") ? blankCodeSpans(part) : part)).join("");
}

/** A run of backticks ends at the next run of the same length. */
function blankCodeSpans(paragraph: string): string {
  // By length and last first, so that each is looked at once, however many never end.
  const closers = Map.groupBy([...paragraph.matchAll(/`+/g)].reverse(), (run) => run[0].length);
  const opener = /\\[\\`]|`+/g;
  let result = "";
  let at = 0;
  for (let open = opener.exec(paragraph); open !== null; open = opener.exec(paragraph)) {
    if (!open[0].startsWith("`")) continue;
    const runs = closers.get(open[0].length) ?? [];
    while ((runs.at(-1)?.index ?? Number.POSITIVE_INFINITY) < opener.lastIndex) runs.pop();
    const close = runs.at(-1);
    if (close === undefined) continue;
    const end = close.index + close[0].length;
    result += paragraph.slice(at, open.index) + blank(paragraph.slice(open.index, end));
    at = end;
    opener.lastIndex = end;
  }
  return result + paragraph.slice(at);
}

/** An HTML comment that never ends goes on to the end, if it stands at the start of a line. */
function withoutComments(prose: string): string {
  let result = "";
  let at = 0;
  for (;;) {
    const open = prose.indexOf("<!--", at);
    const close = open === -1 ? -1 : prose.indexOf("-->", open + 4);
    if (close === -1) break;
    result += prose.slice(at, open) + blank(prose.slice(open, close + 3));
    at = close + 3;
  }
  const rest = prose.slice(at);
  const unclosed = rest.search(/^<!--/m);
  return result + (unclosed === -1 ? rest : rest.slice(0, unclosed) + blank(rest.slice(unclosed)));
}

function frontMatterEnd(lines: readonly string[]): number {
  if (lines[0]?.trimEnd() !== "---") return 0;
  return lines.findIndex((line, index) => index > 0 && /^(---|\.\.\.)[ \t]*$/.test(line)) + 1;
}

function opensFence(line: string): Fence | null {
  const before = container.exec(line)?.[0] ?? "";
  const rest = line.slice(before.length);
  const mark = /^(?:`{3,}(?=[^`]*$)|~{3,})/.exec(rest)?.[0];
  return mark === undefined ? null : { mark, quoted: before.includes(">") };
}

function closesFence(fence: Fence, line: string): boolean {
  const rest = line.replace(/^[ \t>]*/, "").trimEnd();
  return rest.startsWith(fence.mark) && rest === fence.mark.charAt(0).repeat(rest.length);
}

/** A fence in a quotation ends with it, closed or not. */
function leavesFence(fence: Fence, line: string): boolean {
  return fence.quoted && !/^[ \t]*>/.test(line);
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}
