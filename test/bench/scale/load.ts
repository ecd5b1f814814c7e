import { setTimeout as pause } from "node:timers/promises";
import type { Backend } from "../engine/backend.ts";
import { type Bed, putOffBy } from "./bed.ts";

const startsPerCall = 200;
/** Started and not ended. */
export const inFlightMax = 2_000;
const pollMs = 10;
const input = Buffer.from(`{"n":1}`);

/** Starts executions in batches, a bounded number in flight; all must succeed. */
export class Load {
  readonly #backend: Backend;
  #started = 0;
  #ended = 0;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.listen(
      ({ executionId, problem }) => {
        this.#ended += 1;
        if (problem !== undefined) this.#failure ??= new Error(`${executionId}: ${problem}`);
        this.#wake();
      },
      (error) => {
        this.#failure ??= error;
        this.#wake();
      },
    );
  }

  /** Resolves when so many more have been started and all have ended. */
  async run(workflow: string, count: number): Promise<void> {
    for (let left = count; left > 0; left -= startsPerCall) {
      await this.#until(() => this.#started - this.#ended < inFlightMax);
      const starts = Math.min(left, startsPerCall);
      await this.#backend.startMany(workflow, input, starts);
      this.#started += starts;
    }
    await this.#until(() => this.#ended >= this.#started);
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (this.#failure === undefined && !isSo())
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    if (this.#failure) throw this.#failure;
  }
}

/** Starts executions whose one step is put off, and resolves when all have been. */
export async function startPutOff({ backend, agent }: Bed, workflow: string, count: number): Promise<void> {
  const before = await putOffBy(agent);
  for (let started = 0; started < count; started += startsPerCall) {
    await backend.startMany(workflow, input, Math.min(count - started, startsPerCall));
    await untilPutOff(agent, before + started - inFlightMax);
  }
  await untilPutOff(agent, before + count);
}

async function untilPutOff(agent: Bed["agent"], count: number): Promise<void> {
  while ((await putOffBy(agent)) < count) await pause(pollMs);
}
