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
  /** Steps that still run when the execution has failed: those that join `done`, and what follows from them. */
  readonly survivesFailure: readonly boolean[];
  /** How many of them there are. */
  readonly survivors: number;
};

export function workflowOf(definition: Definition, plan: Plan): Workflow {
  const survivesFailure = survivorsOf(definition, plan);
  return {
    definition,
    plan,
    indexOf: new Map(definition.steps.map(({ id }, index) => [id, index])),
    survivesFailure,
    survivors: survivesFailure.filter(Boolean).length,
  };
}

/** In the order of the batches, so that a step's dependencies are known before it. */
function survivorsOf({ steps }: Definition, { batches, dependencies }: Plan): readonly boolean[] {
  const survives = steps.map(({ join }) => join === "done");
  for (const index of batches.flat())
    survives[index] ||= dependencies[index]!.some((dependency) => survives[dependency]);
  return survives;
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
