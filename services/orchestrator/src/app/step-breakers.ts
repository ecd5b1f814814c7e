import { type Waiting, WaitingQueue } from "@weft/balancer";
import type { Breaker, BreakerGround, BreakerOutcome, BreakerRules } from "@weft/runtime/breaker";
import { Breakers } from "@weft/runtime/breakers";
import type { BreakerCause } from "./breaker-changes.ts";

/** One step of a workflow, over all its versions and executions. */
export type StepOfWorkflow = {
  readonly namespace: string;
  readonly workflow: string;
  readonly step: string;
};

export function stepKey({ namespace, workflow, step }: StepOfWorkflow): string {
  return `${namespace}/${workflow}:${step}`;
}

const keysMax = 10_000;

export type StepBreakersOptions = {
  readonly heldMax: number;
  readonly admits: (key: string) => void;
  readonly changed: (key: string, breaker: Breaker, cause: BreakerCause) => void;
};

/**
 * Holds back a step that keeps failing, whichever agent runs it: a blip of what it depends on must not become a
 * hundred failed executions. Those that are held keep their order.
 *
 * 1. Nothing is held behind a breaker that is closed.
 * 2. A step that is due joins the line while there is one, though a probe might go.
 */
export class StepBreakers<Held> {
  readonly #breakers: Breakers;
  readonly #lines: WaitingQueue<Held>;

  /** `admits` runs when one of the step may go, or all: `next` tells which; `changed` at every change of state. */
  constructor(
    ground: BreakerGround,
    rules: Omit<BreakerRules, "watchesShare">,
    { heldMax, admits, changed }: StepBreakersOptions,
  ) {
    this.#lines = new WaitingQueue(heldMax);
    this.#breakers = new Breakers({
      ground,
      rules: { ...rules, watchesShare: false },
      keysMax,
      changed: (key, breaker, change) => {
        if (change) changed(key, breaker, change);
        if (this.admits(key)) admits(key);
      },
    });
  }

  /** No step has failed of late: whoever asks need not make its key. */
  get areNone(): boolean {
    return this.#breakers.size === 0;
  }

  isClosed(key: string): boolean {
    return (this.#breakers.get(key)?.state ?? "CLOSED") === "CLOSED";
  }

  admits(key: string): boolean {
    return this.#breakers.admits(key);
  }

  /** Whether a step that is due has to join the line. */
  holds(key: string): boolean {
    return !this.admits(key) || (this.#lines.size > 0 && this.#lines.oldestAmong([key]) !== undefined);
  }

  hold(key: string, held: Held): Waiting<Held> {
    const result = this.#lines.enqueue(key, held);
    if (result.kind === "full") throw new Error(`more than ${result.entriesMax} steps are held`);
    return result.entry;
  }

  /** Takes the first out of the line, if it may go. */
  next(key: string): Held | undefined {
    const first = this.admits(key) ? this.#lines.oldestAmong([key]) : undefined;
    if (first) this.#lines.remove(first);
    return first?.value;
  }

  leave(waiting: Waiting<Held>): void {
    this.#lines.remove(waiting);
  }

  /** The step is sent: half-open, it is the probe. */
  begin(key: string): void {
    this.#breakers.get(key)?.begin();
  }

  /** It is not sent after all. */
  giveBack(key: string): void {
    this.#breakers.get(key)?.giveBack();
  }

  record(
    call: StepOfWorkflow & { readonly epoch: number },
    outcome: BreakerOutcome,
    failureCode?: string,
  ): void {
    if (outcome === "failed" || !this.areNone)
      this.#breakers.record(stepKey(call), call.epoch, outcome, failureCode);
  }

  progressed(step: StepOfWorkflow, epoch: number): void {
    if (!this.#breakers.allClosed) this.#breakers.get(stepKey(step))?.progressed(epoch);
  }

  /** Undefined while that depends on a probe. */
  nextProbeAtMs(key: string): number | undefined {
    return this.#breakers.get(key)?.snapshot().nextProbeAtMs;
  }

  /** By key: the breaker of each step that has failed of late. */
  entries(): Iterable<readonly [key: string, breaker: Breaker]> {
    return this.#breakers.entries();
  }

  stop(): void {
    this.#breakers.shutdown();
  }
}
