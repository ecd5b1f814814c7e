import type { Backend, End } from "../engine/backend.ts";
import { type Bed, letThrough, memoryOf } from "./bed.ts";
import { nameOf, type Shape } from "./workflows.ts";

/** What a step of a run has cost. */
export type Cost = {
  readonly wallMs: number;
  /** Of all threads of the orchestrator's process. */
  readonly cpuMs: number;
};

const input = Buffer.from(`{"n":1}`);

/** Starts executions one at a time and waits for their ends. */
export class Runs {
  readonly #backend: Backend;
  #onEnd: (end: End) => void = () => {};
  #onError: (error: Error) => void = () => {};

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.listen(
      (end) => this.#onEnd(end),
      (error) => this.#onError(error),
    );
  }

  /** Resolves when it has been started; `ended` when it has succeeded. */
  async start(shape: Shape, stepCount: number): Promise<{ readonly ended: Promise<void> }> {
    const ended = new Promise<void>((resolve, reject) => {
      this.#onEnd = ({ problem }) => (problem === undefined ? resolve() : reject(new Error(problem)));
      this.#onError = reject;
    });
    await this.#backend.start(nameOf(shape, stepCount), input);
    return { ended };
  }
}

/** Per step, over so many runs one after another. */
export async function costOf(
  { mesh }: Bed,
  runs: Runs,
  shape: Shape,
  stepCount: number,
  times: number,
): Promise<Cost> {
  const before = await mesh.usage();
  const beganMs = performance.now();
  for (let run = 0; run < times; run += 1) await (await runs.start(shape, stepCount)).ended;
  const tookMs = performance.now() - beganMs;
  const after = await mesh.usage();
  const steps = stepCount * times;
  return { wallMs: tookMs / steps, cpuMs: (after.cpuMs - before.cpuMs) / steps };
}

/**
 * KiB of heap per step while a run is at its largest: when all that can be sent has been and nothing is answered,
 * or when only the last step is left.
 */
export async function memoryPerStep(
  { mesh, agent }: Bed,
  runs: Runs,
  shape: Shape,
  stepCount: number,
): Promise<number> {
  const before = await memoryOf(mesh);
  const isHeld = letThrough(agent, 0);
  const { ended } = await runs.start(shape, stepCount);
  await isHeld;
  const begun = await memoryOf(mesh);
  await letThrough(agent, stepCount - 1);
  const ending = await memoryOf(mesh);
  await letThrough(agent, Number.POSITIVE_INFINITY);
  await ended;
  return ((Math.max(begun.heapMb, ending.heapMb) - before.heapMb) * 1_024) / stepCount;
}
