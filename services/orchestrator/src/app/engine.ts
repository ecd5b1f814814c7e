import { advance } from "../core/advance.ts";
import { effects } from "../core/effects.ts";
import { blankExecution, type Execution } from "../core/execution.ts";
import { executionId } from "../core/execution-id.ts";
import type { Fact, Request } from "../core/input.ts";
import { nextDueMs } from "../core/next-due.ts";
import { isRejection, type Rejection } from "../core/rejection.ts";
import type { TraceContext } from "../core/trace-context.ts";
import type { Workflow } from "../core/workflow.ts";
import type { BreakerChanges } from "./breaker-changes.ts";
import { Dispatcher, type DispatcherOptions } from "./dispatcher.ts";
import { capabilityOf, jobOf } from "./due-steps.ts";
import { startedRow } from "./execution-row.ts";
import { Live } from "./live.ts";
import { logFieldsOf } from "./log-fields.ts";
import { abandonedRejection, quarantinedRejection, tooManyRejection } from "./refusals.ts";
import { type LoadExecution, type Loaded, Residents } from "./residents.ts";
import type { SlotExplanation } from "./slot-explanation.ts";
import type { Slots } from "./slots.ts";
import { type Hearing, nobody, Transitions, type TransitionsOptions } from "./transitions.ts";

export type EngineOptions = DispatcherOptions &
  TransitionsOptions & {
    readonly shard: number;
    /** Lower-case letters and digits, at least 8, unpredictable. */
    readonly randomId: () => string;
    readonly load: LoadExecution;
    /** A step that had to wait for so long has a slot. */
    readonly waited: (capability: string, ms: number) => void;
    readonly breakerChanges: BreakerChanges;
    readonly executionsInFlightMax: number;
    /** Hears of each quarantine. */
    readonly quarantined?: (quarantine: Quarantine) => void;
    /** Of an execution whose backend has none; undefined: it is not traced. */
    readonly beginTrace?: ((executionId: string) => TraceContext) | undefined;
  };

export type Quarantine = {
  readonly executionId: string;
  readonly reason: string;
  /** Undefined: it was not in memory, or could not be read. */
  readonly execution: Execution | undefined;
};

export type NewExecution = {
  readonly workflow: Workflow;
  readonly start: Extract<Request, { kind: "start" }>;
  readonly requestId: string | null;
  readonly requestDigest: string | null;
};

/**
 * The executions of one shard, as long as this process owns it.
 *
 * 1. An execution leaves memory when its end is durable and nothing of it is out, and while it has nothing to
 *    do for a long time; a request, a success or its time brings it back.
 * 2. A quarantined execution is left alone: it takes no request and no fact, and its agents keep their results.
 * 3. After a stop nothing is decided and nothing is acked any more.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #residents: Residents;
  readonly #dispatcher: Dispatcher;
  readonly #transitions: Transitions;
  #isStopped = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#residents = new Residents(
      options.load,
      (loaded) => this.#adopt(loaded),
      (id, error) => this.unreadable(id, error),
    );
    this.#dispatcher = new Dispatcher(options, {
      bind: (waiter, binding) => this.#transitions.bind(waiter, binding),
      waited: options.waited,
      breakerChanged: (change) => options.breakerChanges.publish(change),
      deliver: (id, fact, onDurable) => this.#deliver(id, fact, onDurable),
      returned: (id) => {
        const live = this.#residents.get(id);
        if (live) live.out--;
      },
      progressed: (id, step, fraction, message) =>
        options.hub.progress(id, { step, fraction, message, timeMs: options.clock.now() }),
    });
    this.#transitions = new Transitions(options, this.#residents, this.#dispatcher);
  }

  get slots(): Slots {
    return this.#dispatcher.slots;
  }

  /** Executions that are left alone until a restart. */
  get quarantined(): number {
    return this.#residents.quarantined;
  }

  /** Steps that are out at agents. */
  get sendsInFlight(): number {
    return this.#dispatcher.inFlight;
  }

  /** Executions in memory that have not ended. */
  get executionsInFlight(): number {
    return this.#residents.unfinished;
  }

  /** Takes over executions that an earlier life left awake, then looks for agents. */
  run(awake: Iterable<Loaded>): void {
    for (const loaded of awake) {
      const live = this.#adopt(loaded);
      live.stored = { ...live.stored, wakeAtMs: null };
      // It may have nothing to do for long, and no entry in the log that said so.
      this.#transitions.commit(live, { events: [], effects: [] }, nobody);
    }
    this.#dispatcher.start();
  }

  stop(): void {
    this.#isStopped = true;
    this.#dispatcher.stop();
    for (const live of this.#residents.all()) this.#transitions.forget(live);
    this.#residents.stop();
  }

  /** Resolves with the id when the start is durable. */
  start({ workflow, start, requestId, requestDigest }: NewExecution): Promise<string | Rejection> {
    const { clock, shard, executionsInFlightMax, limits, randomId, beginTrace } = this.#options;
    if (this.#residents.unfinished >= executionsInFlightMax)
      return Promise.resolve(tooManyRejection(executionsInFlightMax));
    const now = clock.now();
    const execution = blankExecution(executionId(shard, now, randomId()), workflow, limits);
    const row = startedRow(execution, start, { shard, requestId, requestDigest, startedAtMs: now });
    const live = new Live(execution, row, 0);
    return new Promise((resolve) => {
      const hearing: Hearing = {
        // The answer is written after the sends have left: HTTP/2 sends at the end of the turn.
        durable: () => setImmediate(resolve, execution.id),
        abandoned: (why) => {
          if (why === "NO_ROOM") this.#residents.remove(live);
          resolve(abandonedRejection(why));
        },
      };
      const trace = start.trace ?? beginTrace?.(execution.id);
      const outcome = advance(execution, trace ? { ...start, trace } : start, now);
      if (isRejection(outcome)) return resolve(outcome);
      this.#residents.add(live);
      this.#transitions.commit(live, outcome, hearing, row);
    });
  }

  /** Resolves when the request is durable, or with why it is refused; "unknown" for an id that has no log. */
  request(id: string, request: Exclude<Request, { kind: "start" }>): Promise<Rejection | "done" | "unknown"> {
    return new Promise((resolve) => {
      this.#residents.visit(id, (live) => {
        if (this.#isStopped) return resolve(abandonedRejection("STOPPED"));
        const reason = this.#residents.quarantineOf(id);
        if (reason !== undefined) return resolve(quarantinedRejection(reason));
        if (!live) return resolve("unknown");
        const hearing: Hearing = {
          durable: () => resolve("done"),
          abandoned: (why) => resolve(abandonedRejection(why)),
        };
        const refused = this.#transitions.apply(live, request, hearing);
        if (refused)
          this.#options.log.barrier(() => resolve(refused), { executionId: id, isLook: true, ...hearing });
      });
    });
  }

  /** A sleeping execution will soon have something to do. */
  wake(id: string): Promise<void> {
    return new Promise((resolve) => this.#residents.visit(id, () => resolve()));
  }

  /** The execution as it is now, ahead of the log: whoever shows it waits for `log.barrier` first. */
  find(id: string): Execution | undefined {
    return this.#residents.get(id)?.execution;
  }

  /** Leaves the execution alone from now on: nothing of it can be written, or its log cannot be read. */
  quarantine(id: string, reason: string): void {
    const live = this.#residents.get(id);
    if (live) this.#transitions.forget(live);
    this.#residents.quarantine(id, reason);
    this.#options.hub.quarantine(id);
    this.#options.quarantined?.({ executionId: id, reason, execution: live?.execution });
    this.#options.logger.error(
      { ...(live ? logFieldsOf(live.execution) : { executionId: id }), reason },
      "an execution is quarantined: a restart tries again",
    );
  }

  quarantineOf(id: string): string | undefined {
    return this.#residents.quarantineOf(id);
  }

  /** Why a due step of an execution in memory has no agent. */
  explainSlot(id: string, step: string): SlotExplanation | undefined {
    const live = this.#residents.get(id);
    return live && this.#dispatcher.slots.explain(capabilityOf(live.execution, step), live.waiting.get(step));
  }

  /** Whether the agent that has a step is heard of. */
  isReachable(agentId: string): boolean {
    return this.#dispatcher.isReachable(agentId);
  }

  #adopt({ execution, snapshotSequence }: Loaded): Live {
    // Whoever is not awake in the store sleeps until then.
    const stored = { status: execution.state.status, wakeAtMs: nextDueMs(execution) };
    const live = new Live(execution, stored, snapshotSequence);
    this.#residents.add(live);
    for (const effect of effects(execution)) {
      if (effect.kind !== "send") this.#transitions.perform(live, effect);
      else {
        live.out++;
        this.#dispatcher.resume(jobOf(execution, effect.step), effect);
      }
    }
    return live;
  }

  /** Its log cannot be read: by this release, or at all. */
  unreadable(id: string, error: unknown): void {
    this.quarantine(id, `its log cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** A success may be of an execution that has left memory; nothing else changes one that nobody waits for. */
  #deliver(id: string, fact: Fact, onDurable: () => void): void {
    if (this.#isStopped || this.#residents.quarantineOf(id) !== undefined) return;
    const hearing: Hearing = { ...nobody, durable: onDurable };
    const live = this.#residents.get(id);
    if (live) this.#transitions.apply(live, fact, hearing);
    else if (fact.kind !== "step.succeeded" && !this.#residents.isLoading(id))
      this.#options.log.barrier(onDurable);
    else
      this.#residents.visit(id, (loaded) => {
        if (loaded) this.#transitions.apply(loaded, fact, hearing);
        else if (this.#residents.quarantineOf(id) === undefined) this.#options.log.barrier(onDurable);
      });
  }
}
