import type { Paint, Style } from "./paint.ts";
import { cutText, oneLine, textWidth } from "./width.ts";

/** A run of text in one style. Kept apart until the end, so that cutting and padding count columns only. */
export type Span = { readonly text: string; readonly style?: Style };
export type Line = readonly Span[];

/** A line of one span. The text may come from anywhere: control characters are taken out. */
export function lineOf(text: string, style?: Style): Line {
  return [spanOf(text, style)];
}

export function spanOf(text: string, style?: Style): Span {
  return style === undefined ? { text: oneLine(text) } : { text: oneLine(text), style };
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + textWidth(text), 0);
}

/** Cuts a line to so many columns, with … where it was cut. */
export function cutLine(line: Line, columns: number): Line {
  if (columns === Number.POSITIVE_INFINITY || lineWidth(line) <= columns) return line;
  const kept: Span[] = [];
  let left = columns;
  for (const span of line) {
    const width = textWidth(span.text);
    // A span that fits to the last column must leave room for the … of those behind it.
    if (width < left) {
      kept.push(span);
      left -= width;
      continue;
    }
    kept.push({ ...span, text: cutText(width === left ? `${span.text} ` : span.text, left) });
    break;
  }
  return kept;
}

/** Fills a line up to so many columns. */
export function padLine(line: Line, columns: number, align: "left" | "right" = "left"): Line {
  const missing = columns - lineWidth(line);
  if (missing <= 0) return line;
  const gap = { text: " ".repeat(missing) };
  return align === "left" ? [...line, gap] : [gap, ...line];
}

export function paintLine(line: Line, paint: Paint): string {
  return line
    .map(({ text, style }) => (style === undefined ? text : paint(style, text)))
    .join("")
    .trimEnd();
}

/** Breaks a line between words so that it fits; the later ones are indented. A word too long is left as it is. */
export function wrapLine(line: Line, columns: number, indent: number): readonly Line[] {
  if (lineWidth(line) <= columns) return [line];
  const lines: Span[][] = [[]];
  let width = 0;
  // Spaces wait for the word behind them: a break stands in their place.
  let spaces: readonly Span[] = [];
  for (const word of line.flatMap(wordsOf)) {
    if (word.text.startsWith(" ")) {
      spaces = [...spaces, word];
      continue;
    }
    if (width > indent && width + lineWidth([...spaces, word]) > columns) {
      lines.push([{ text: " ".repeat(indent) }]);
      width = indent;
      spaces = [];
    }
    lines.at(-1)!.push(...spaces, word);
    width += lineWidth([...spaces, word]);
    spaces = [];
  }
  return lines;
}

/** Runs of spaces count as words. */
function wordsOf({ text, style }: Span): readonly Span[] {
  return (text.match(/ +|[^ ]+/g) ?? []).map((word) =>
    style === undefined ? { text: word } : { text: word, style },
  );
}
