/** Text that is HTML or SVG already. Only `markup` and `trusted` make it, so nothing goes in unescaped. */
export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | readonly Markup[];

/** A template whose parts are escaped; numbers, which are coordinates, get two decimals. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = strings[0] ?? "";
  for (const [index, part] of parts.entries()) text += textOf(part) + (strings[index + 1] ?? "");
  return { markup: text };
}

/** Markup from this program's own text, such as a style sheet: never from a file's name or content. */
export function trusted(text: string): Markup {
  return { markup: text };
}

/** Nothing. */
export const nothing: Markup = { markup: "" };

/** Text for an element or an attribute in quotes. */
export function escaped(text: string): string {
  return visible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A path that may be broken after its slashes. */
export function breakable(path: string): Markup {
  return trusted(path.split("/").map(escaped).join("/<wbr>"));
}

/** Shows what would act instead of being seen: a file's name may hold controls and turn the reading direction. */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu, (character) => {
      return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
    });
}

function textOf(part: Part): string {
  if (typeof part === "string") return escaped(part);
  if (typeof part === "number") return String(Number(part.toFixed(2)));
  return "markup" in part ? part.markup : part.map((each) => each.markup).join("");
}
