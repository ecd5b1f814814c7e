import { checkTree } from "../core/check-tree.ts";
import { type ExpressionParser, type ParsedExpression, parseExpression } from "../core/expression.ts";
import type { DefinitionLimits } from "../core/limits.ts";
import { expressionsIn } from "../core/template.ts";

/** What may be parsed before everybody else has a turn: some milliseconds' worth. */
const charactersATurn = 8_192;
/** What the shortest expression costs, as if it had so many more characters. */
const charactersExtra = 32;

/**
 * Parses the expressions of a definition, which take longer than all else in its check: half a second for a
 * mebibyte. Others have their turns meanwhile, and the check finds them parsed.
 */
export async function parseAhead(
  tree: unknown,
  { definitionBytesMax }: DefinitionLimits,
): Promise<ExpressionParser> {
  const checked = checkTree(tree, definitionBytesMax);
  if (!checked.ok) return parseExpression;
  const known = new Map<string, ParsedExpression>();
  let characters = 0;
  for (const source of expressionsIn(checked.tree)) {
    known.set(source, parseExpression(source));
    characters += source.length + charactersExtra;
    if (characters <= charactersATurn) continue;
    characters = 0;
    await new Promise(setImmediate);
  }
  return (source) => known.get(source) ?? parseExpression(source);
}
