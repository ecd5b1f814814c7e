/** A stretch of a template's string: plain text, or the source of an expression. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "expression"; readonly source: string };

/** The pieces of a string, or what is wrong with it. */
export type SplitText =
  | { readonly ok: true; readonly pieces: readonly Piece[] }
  | { readonly ok: false; readonly message: string };

// The usual one: without quotes or braces of its own, so that nothing has to be looked at twice.
const wholeExpression = /^\$\{[^{}"']*\}$/;

/** Splits a template's string at each `${…}`; `$${` is a literal `${`. No piece of text is empty. */
export function splitText(text: string): SplitText {
  if (wholeExpression.test(text)) return whole(text.slice(2, -1));
  const pieces: Piece[] = [];
  let plain = "";
  let from = 0;
  for (let open = text.indexOf("${"); open !== -1; open = text.indexOf("${", from)) {
    if (text[open - 1] === "$") {
      plain += `${text.slice(from, open - 1)}\${`;
      from = open + 2;
      continue;
    }
    const close = closingBrace(text, open + 2);
    if (close === -1) return { ok: false, message: "a ${ has no closing }; a literal ${ is written $${" };
    if (open === 0 && close === text.length - 1) return whole(text.slice(2, close));
    plain += text.slice(from, open);
    if (plain !== "") pieces.push({ kind: "text", text: plain });
    pieces.push({ kind: "expression", source: text.slice(open + 2, close) });
    plain = "";
    from = close + 1;
  }
  plain += text.slice(from);
  if (plain !== "") pieces.push({ kind: "text", text: plain });
  return { ok: true, pieces };
}

function whole(source: string): SplitText {
  return { ok: true, pieces: [{ kind: "expression", source }] };
}

/** Where the expression that begins at `from` ends: not at a brace in quotes or within other braces. */
function closingBrace(text: string, from: number): number {
  let depth = 0;
  let quote: string | undefined;
  for (let index = from; index < text.length; index++) {
    const character = text[index]!;
    if (quote !== undefined) {
      if (character === "\\") index++;
      else if (character === quote) quote = undefined;
    } else if (character === '"' || character === "'") quote = character;
    else if (character === "{") depth++;
    else if (character === "}" && depth-- === 0) return index;
  }
  return -1;
}
