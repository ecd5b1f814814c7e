import { type BenchWorkflow, chain, fan } from "../engine/workflows.ts";

/** Its handler fails at once, and asks for an hour until the next attempt. */
export const putOffCapability = "put-off";

export const shapes = ["parallel", "chain"] as const;
export type Shape = (typeof shapes)[number];

/** Ten runs of the small one have as many steps as one of the large one. */
export const sizes = { small: 1_000, large: 10_000 } as const;

export function nameOf(shape: Shape, stepCount: number): string {
  return `${shape}-${stepCount}`;
}

/** Each shape in both sizes. */
export const scaleWorkflows: readonly BenchWorkflow[] = Object.values(sizes).flatMap((stepCount) => [
  fan(nameOf("parallel", stepCount), stepCount),
  chain(nameOf("chain", stepCount), stepCount),
]);

export const oneStep = fan("one-step", 1);

export const putOff: BenchWorkflow = {
  stepCount: 1,
  document: JSON.stringify({
    workflow: "put-off",
    version: 1,
    mode: "parallel",
    steps: [{ id: "s1", capability: putOffCapability, with: "${input}", retry: { maxAttempts: 5 } }],
  }),
};
