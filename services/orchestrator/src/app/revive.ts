import type { JsonValue } from "../core/json.ts";
import { unboundedDefinitionLimits } from "../core/limits.ts";
import { reviveWorkflow, type Workflow } from "../core/workflow.ts";
import { parseAhead } from "./parse-ahead.ts";

/** A stored definition with all that is computed from it, however large it is, while others have their turns. */
export async function revive(tree: JsonValue): Promise<Workflow> {
  return reviveWorkflow(tree, await parseAhead(tree, unboundedDefinitionLimits));
}
