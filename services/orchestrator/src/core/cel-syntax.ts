import { type Expr, parse } from "./cel-library.ts";
import { quoted } from "./problem.ts";

/** The tree of an expression, or what is wrong with its syntax, in words that follow the expression. */
export type Syntax =
  | { readonly ok: true; readonly expression: Expr }
  | { readonly ok: false; readonly message: string };

const placed = /^<input>:(\d+):(\d+): (.*)$/s;
const shownLengthMax = 20;

/** What authors write who think of another language, and what it is in this one. */
const slips: readonly (readonly [RegExp, string])[] = [
  [/^(?:=|===)(?!=)/, "; equality is =="],
  [/^and\b/, "; and is &&"],
  [/^or\b/, "; or is ||"],
  [/^not\b/, "; not is !"],
];

/** Parses an expression. */
export function parseSyntax(source: string): Syntax {
  try {
    const { expr } = parse(source);
    return expr === undefined ? { ok: false, message: "is empty" } : { ok: true, expression: expr };
  } catch (error) {
    return { ok: false, message: syntaxMessage(source, error instanceof Error ? error.message : "") };
  }
}

function syntaxMessage(source: string, message: string): string {
  const [, line, column, what = message] = placed.exec(message) ?? [];
  if (line === undefined) return `cannot be read: ${what}`;
  if (what.startsWith("found end of input")) return "ends too early";
  const offset = offsetOf(source, Number(line), Number(column));
  const rest = source.slice(offset);
  const shown = quoted(rest.length > shownLengthMax ? `${rest.slice(0, shownLengthMax)}…` : rest);
  if (what.startsWith("reserved")) return `has a reserved word at character ${offset + 1}, ${shown}`;
  const slip = slips.find(([written]) => written.test(rest));
  return `cannot be read from character ${offset + 1} on, ${shown}${slip?.[1] ?? ""}`;
}

function offsetOf(source: string, line: number, column: number): number {
  const before = source.split(/\r\n|[\r\n]/, line - 1);
  const breaks = [...source.matchAll(/\r\n|[\r\n]/g)].slice(0, line - 1);
  return before.join("").length + breaks.join("").length + column - 1;
}
