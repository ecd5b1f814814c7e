import type { EngineObservation } from "../observation.ts";
import type { EngineLoad, Timing } from "../phases.ts";
import { isInside } from "../statistics.ts";
import type { Backend, End } from "./backend.ts";
import { inputOf, isRightOutput } from "./payload.ts";

/**
 * Runs a load for its time and resolves when all that it started has ended, or rejects when nothing ends any
 * more. Executions are known by their index; every index has been started, then is acknowledged and ends,
 * in either order, since the watch may bring an end before the start's response.
 *
 * A load that goes on at an end keeps going until all that began within the window has ended: else the
 * executions at its edge would end under less load than the others.
 */
export function runLoad(backend: Backend, load: EngineLoad, timing: Timing): Promise<EngineObservation> {
  return new Promise((resolve, reject) => {
    const loop = new ClosedLoop(backend, load, timing, { resolve, reject });
    backend.listen((end) => loop.ended(end), reject);
    loop.begin();
  });
}

type Outcome = {
  readonly resolve: (observation: EngineObservation) => void;
  readonly reject: (error: Error) => void;
};

/** Seconds without an end, counted by ticks: a machine that was suspended is not taken for an engine that hangs. */
const silentTicksMax = 15;
/** Numbers are never used twice in the process, so that an output of an earlier load can't pass as right. */
let nextNumber = 0;

class ClosedLoop {
  readonly #backend: Backend;
  readonly #load: EngineLoad;
  readonly #outcome: Outcome;
  readonly #window: EngineObservation["window"];
  readonly #firstNumber = nextNumber;
  readonly #startedMs: number[] = [];
  readonly #acknowledgedMs: number[] = [];
  readonly #endedMs: number[] = [];
  readonly #indexes = new Map<string, number>();
  /** Ends that came before the start's response. */
  readonly #early = new Map<string, { readonly end: End; readonly atMs: number }>();
  #unended = 0;
  #unendedOfWindow = 0;
  #wrong = 0;
  #firstWrong: string | undefined;
  #silentTicks = 0;
  readonly #watchdog = setInterval(() => {
    this.#silentTicks += 1;
    if (this.#silentTicks >= silentTicksMax) void this.#giveUp();
  }, 1_000);

  constructor(backend: Backend, load: EngineLoad, { warmupMs, measureMs }: Timing, outcome: Outcome) {
    this.#backend = backend;
    this.#load = load;
    this.#outcome = outcome;
    const fromMs = performance.now() + warmupMs;
    this.#window = { fromMs, toMs: fromMs + measureMs };
  }

  begin(): void {
    for (let starter = 0; starter < this.#load.inFlight; starter += 1) this.#start();
  }

  ended(end: End): void {
    const atMs = performance.now();
    const index = this.#indexes.get(end.executionId);
    if (index === undefined) this.#early.set(end.executionId, { end, atMs });
    else this.#settle(index, end, atMs);
  }

  #start(): void {
    const index = this.#startedMs.length;
    nextNumber += 1;
    const startedMs = performance.now();
    this.#startedMs.push(startedMs);
    this.#unended += 1;
    if (isInside(this.#window, startedMs)) this.#unendedOfWindow += 1;
    this.#backend
      .start(this.#load.workflow, inputOf(this.#firstNumber + index))
      .then((executionId) => this.#acknowledged(index, executionId))
      .catch((error: Error) => this.#fail(error));
  }

  #acknowledged(index: number, executionId: string): void {
    const atMs = performance.now();
    this.#acknowledgedMs[index] = atMs;
    if (this.#load.next === "on-start" && atMs < this.#window.toMs) this.#start();
    const early = this.#early.get(executionId);
    if (early) {
      this.#early.delete(executionId);
      this.#settle(index, early.end, early.atMs);
    } else {
      this.#indexes.set(executionId, index);
    }
  }

  #settle(index: number, end: End, atMs: number): void {
    this.#indexes.delete(end.executionId);
    this.#endedMs[index] = atMs;
    this.#silentTicks = 0;
    this.#check(index, end);
    this.#unended -= 1;
    if (isInside(this.#window, this.#startedMs[index]!)) this.#unendedOfWindow -= 1;
    const goesOn = performance.now() < this.#window.toMs || this.#unendedOfWindow > 0;
    if (this.#load.next === "on-end" && goesOn) this.#start();
    else if (this.#unended === 0 && !goesOn) this.#finish();
  }

  #check(index: number, { executionId, output, problem }: End): void {
    const isRight = output && isRightOutput(this.#load.workflow, this.#firstNumber + index, output);
    if (isRight) return;
    this.#wrong += 1;
    const shown = problem ?? `its output was ${Buffer.from(output ?? []).toString("utf8", 0, 100)}`;
    this.#firstWrong ??= `${executionId}: ${shown}`;
  }

  async #giveUp(): Promise<void> {
    clearInterval(this.#watchdog);
    const counts = `${this.#unended} of ${this.#startedMs.length} executions have not ended`;
    const unacknowledged = this.#unended - this.#indexes.size;
    const unfinished = await this.#backend.unfinished().catch(String);
    this.#fail(
      new Error(
        `nothing ended for ${silentTicksMax} s: ${counts}, ${unacknowledged} starts are unanswered; ${unfinished}`,
      ),
    );
  }

  #fail(error: Error): void {
    clearInterval(this.#watchdog);
    this.#outcome.reject(error);
  }

  #finish(): void {
    clearInterval(this.#watchdog);
    this.#outcome.resolve({
      window: this.#window,
      startedMs: Float64Array.from(this.#startedMs),
      acknowledgedMs: Float64Array.from(this.#acknowledgedMs),
      endedMs: Float64Array.from(this.#endedMs),
      wrong: this.#wrong,
      firstWrong: this.#firstWrong,
    });
  }
}
