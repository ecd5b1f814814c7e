/** What the agent of the bench offers: its output is its input. */
export const echoCapability = "echo";

/** A workflow to measure with, as its author would write it. */
export type BenchWorkflow = { readonly stepCount: number; readonly document: string };

/** Each step takes what the step before it gave; the last one's output is the result. */
export function chain(workflow: string, stepCount: number): BenchWorkflow {
  const steps = Array.from({ length: stepCount }, (_, index) => ({
    id: `s${index + 1}`,
    capability: echoCapability,
    with: index === 0 ? "${input}" : `\${steps.s${index}.output}`,
  }));
  const output = `\${steps.s${stepCount}.output}`;
  return { stepCount, document: JSON.stringify({ workflow, version: 1, mode: "sequential", steps, output }) };
}

/** All steps take the input at once; the result is the map of all their outputs. */
export function fan(workflow: string, stepCount: number): BenchWorkflow {
  const steps = Array.from({ length: stepCount }, (_, index) => ({
    id: `s${index + 1}`,
    capability: echoCapability,
    with: "${input}",
  }));
  return { stepCount, document: JSON.stringify({ workflow, version: 1, mode: "parallel", steps }) };
}

export const workflows = {
  "three-steps": chain("three-steps", 3),
  "thirty-steps": chain("thirty-steps", 30),
  "hundred-parallel": fan("hundred-parallel", 100),
} as const;

export type WorkflowName = keyof typeof workflows;
