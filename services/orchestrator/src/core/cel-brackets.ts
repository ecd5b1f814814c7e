const openers = new Set(["(", "[", "{"]);
const closers = new Set([")", "]", "}"]);

/**
 * How deep brackets stand within one another. The parser's time grows with the cube of it, so this looks
 * before the parser does. It reads strings and comments as the parser does, so that no bracket hides in one.
 */
export function bracketDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (openers.has(character)) deepest = Math.max(deepest, ++depth);
    else if (closers.has(character)) depth--;
    else if (character === '"' || character === "'") index = stringEnd(text, index);
    else if (character === "/" && text[index + 1] === "/") index = lineEnd(text, index);
  }
  return deepest;
}

/** The last character of the string that opens at `open`: `"…"`, `'''…'''`, `r"…"` and the rest. */
function stringEnd(text: string, open: number): number {
  const quote = text[open]!;
  const mark = text.startsWith(quote.repeat(3), open) ? quote.repeat(3) : quote;
  const isRaw = /[rR][bB]?$/.test(text.slice(Math.max(0, open - 2), open));
  for (let index = open + mark.length; index < text.length; index++) {
    if (text[index] === "\\" && !isRaw) index++;
    else if (text.startsWith(mark, index)) return index + mark.length - 1;
  }
  return text.length;
}

function lineEnd(text: string, from: number): number {
  const end = text.slice(from).search(/[\r\n]/);
  return end === -1 ? text.length : from + end;
}
