import { type CheckedRules, checkRules } from "../core/check-rules.ts";
import { parseYaml } from "./yaml-text.ts";

/**
 * Reads rules from YAML (or JSON) on top of the shipped ones. All problems at once, each with its field and line.
 * `receivers`: the names there are; undefined: any.
 */
export function readRules(text: string, shipped: string, receivers?: ReadonlySet<string>): CheckedRules {
  const base = parseYaml(shipped);
  if (!base.ok) throw new Error(`the shipped rules are broken: ${base.problems[0]?.message}`);
  const own = parseYaml(text);
  if (!own.ok) return own;
  const checked = checkRules(own.tree, base.tree, receivers);
  if (checked.ok) return checked;
  return { ok: false, problems: checked.problems.map(own.located) };
}
