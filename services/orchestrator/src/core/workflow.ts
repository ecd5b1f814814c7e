import { checkDefinition } from "./check-definition.ts";
import type { Definition } from "./definition.ts";
import { type ExpressionParser, parseExpression } from "./expression.ts";
import type { JsonValue } from "./json.ts";
import { unboundedDefinitionLimits } from "./limits.ts";
import type { Plan } from "./plan.ts";

/** A definition with all that is computed from it once. Shared by its executions. */
export type Workflow = {
  readonly definition: Definition;
  readonly plan: Plan;
  /** Step id → place in `definition.steps`. */
  readonly indexOf: ReadonlyMap<string, number>;
  /** By place: the steps that a failure elsewhere does not stop, which are those that join `done`, and all that follows. */
  readonly survivesFailure: readonly boolean[];
  /** How many of them there are. */
  readonly survivors: number;
};

export function workflowOf(definition: Definition, plan: Plan): Workflow {
  return {
    definition,
    plan,
    indexOf: new Map(definition.steps.map(({ id }, index) => [id, index])),
    ...survivorsOf(definition, plan),
  };
}

/** From a tree that was accepted before, whatever limits are set now. Throws when this release would refuse it. */
export function reviveWorkflow(tree: JsonValue, parse: ExpressionParser = parseExpression): Workflow {
  const check = checkDefinition(tree, unboundedDefinitionLimits, parse);
  if (check.status !== "valid") {
    const [first] = check.problems;
    throw new Error(`a stored definition is refused: ${first?.field}: ${first?.message}`);
  }
  return workflowOf(check.definition, check.plan);
}

/** Visits each survivor once, and from it each of its dependents. */
function survivorsOf(
  { steps }: Definition,
  { dependents }: Plan,
): Pick<Workflow, "survivesFailure" | "survivors"> {
  const survivesFailure = steps.map(({ join }) => join === "done");
  const survivors = [...steps.keys()].filter((step) => survivesFailure[step]);
  for (const survivor of survivors) {
    for (const dependent of dependents[survivor]!) {
      if (survivesFailure[dependent]) continue;
      survivesFailure[dependent] = true;
      survivors.push(dependent);
    }
  }
  return { survivesFailure, survivors: survivors.length };
}
