import { checkDefinition } from "./check-definition.ts";
import type { Definition } from "./definition.ts";
import type { JsonValue } from "./json.ts";
import type { Plan } from "./plan.ts";

/** A definition with all that is computed from it once. Shared by its executions. */
export type Workflow = {
  readonly definition: Definition;
  readonly plan: Plan;
  /** Step id → place in `definition.steps`. */
  readonly indexOf: ReadonlyMap<string, number>;
};

export function workflowOf(definition: Definition, plan: Plan): Workflow {
  return { definition, plan, indexOf: new Map(definition.steps.map(({ id }, index) => [id, index])) };
}

/** From a tree that was accepted before. Throws when this release would refuse it. */
export function reviveWorkflow(tree: JsonValue): Workflow {
  const check = checkDefinition(tree);
  if (check.status !== "valid") {
    const [first] = check.problems;
    throw new Error(`a stored definition is refused: ${first?.field}: ${first?.message}`);
  }
  return workflowOf(check.definition, check.plan);
}
