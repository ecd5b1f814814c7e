// How long it takes to check and plan definitions of 10,000 steps, given as trees: `node test/bench/planning.ts`.
// Cold: the first call in a process of its own, before anything is compiled. Warm: later calls.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { checkDefinition } from "@weft/orchestrator/check-definition";
import { thisMachine } from "./machine.ts";
import { median } from "./statistics.ts";

const stepsCount = 10_000;
const runs = 15;
const warmUpRuns = 15;
const warmMedianMsMax = 50;

type StepTree = { readonly dependsOn?: readonly string[]; readonly with?: unknown };
type Shape = { readonly mode: string; readonly step: (index: number) => StepTree };

const last = stepsCount - 1;
const idOf = (index: number): string => `s${index}`;
const outputOf = (index: number): string => `\${steps.${idOf(index)}.output.y}`;

/** What each step but the first depends on or reads. */
const shapes: Readonly<Record<string, Shape>> = {
  "chain by dependsOn": { mode: "dependency", step: (index) => ({ dependsOn: [idOf(index - 1)] }) },
  "chain by reference": { mode: "dependency", step: (index) => ({ with: { x: outputOf(index - 1) } }) },
  "dependsOn and reference": {
    mode: "dependency",
    step: (index) => ({ dependsOn: [idOf(index - 1)], with: { x: outputOf(Math.max(0, index - 2)) } }),
  },
  "fan-out and fan-in": {
    mode: "dependency",
    step: (index) =>
      index < last
        ? { with: { x: outputOf(0) } }
        : { dependsOn: Array.from({ length: last - 1 }, (_, before) => idOf(before + 1)) },
  },
  sequential: { mode: "sequential", step: (index) => ({ with: { x: outputOf(index - 1) } }) },
  parallel: { mode: "parallel", step: () => ({ with: { x: "${input.x}" } }) },
};

function treeOf({ mode, step }: Shape): unknown {
  const steps = Array.from({ length: stepsCount }, (_, index) => ({
    id: idOf(index),
    capability: "bench.work",
    ...(index === 0 ? {} : step(index)),
  }));
  return { workflow: "planning", version: 1, mode, steps };
}

function checkMs(tree: unknown): number {
  const beganMs = performance.now();
  const { status } = checkDefinition(tree);
  const ms = performance.now() - beganMs;
  if (status !== "valid") throw new Error(`a definition of the bench is ${status}`);
  return ms;
}

function coldMs(name: string): number {
  const { stdout, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`a process of the bench ended with ${status}`);
  return Number(stdout);
}

function warmMs(tree: unknown): readonly number[] {
  return Array.from({ length: warmUpRuns + runs }, () => checkMs(tree)).slice(warmUpRuns);
}

function measureAll(): number {
  const { cpu, cores, node } = thisMachine();
  const row = (name: string, ...figures: readonly string[]) =>
    process.stdout.write(`${name.padEnd(26)}${figures.map((figure) => figure.padStart(12)).join("")}\n`);
  process.stdout.write(`${stepsCount} steps, medians of ${runs}; ${cpu}, ${cores} cores, Node ${node}\n`);
  row("", "cold ms", "warm ms", "fastest ms");
  let exitCode = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const cold = median(Array.from({ length: runs }, () => coldMs(name)));
    const warmRuns = warmMs(treeOf(shape));
    const warm = median(warmRuns);
    row(name, ...[cold, warm, Math.min(...warmRuns)].map((ms) => ms.toFixed(1)));
    if (warm > warmMedianMsMax) exitCode = 1;
  }
  return exitCode;
}

const [, , coldShape] = process.argv;
if (coldShape === undefined) process.exitCode = measureAll();
else process.stdout.write(String(checkMs(treeOf(shapes[coldShape]!))));
