import type { Clock } from "@weft/runtime/clock";
import { isTerminal } from "../core/event.ts";
import { type Execution, hasEnded } from "../core/execution.ts";
import type { Rejection } from "../core/rejection.ts";
import type { Engine } from "./engine.ts";
import type { GroupCommit } from "./group-commit.ts";
import { type HistoryPorts, type LoggedEvent, logged, replay } from "./history.ts";
import { executionNotFound, quarantinedRejection } from "./refusals.ts";
import type { ExecutionQuery, ExecutionRow } from "./store.ts";
import type { WatchHub } from "./watch-hub.ts";

export type QueryPorts = HistoryPorts & {
  readonly engine: Engine;
  readonly log: GroupCommit;
  readonly hub: WatchHub;
  readonly clock: Clock;
};

/** Answers what backends ask about executions; shows nothing that is not durable. */
export class Queries {
  readonly #ports: QueryPorts;

  constructor(ports: QueryPorts) {
    this.#ports = ports;
  }

  /** From memory; or from the log, when it is not there, or is ahead of a disk that takes nothing. */
  async get(namespace: string, executionId: string): Promise<Execution | Rejection> {
    const { store, log } = this.#ports;
    const live = this.#live(namespace, executionId);
    const copy = live && !log.isBlocked ? await this.#durableCopy(live) : undefined;
    if (copy) return copy;
    const row = await store.getExecution(namespace, executionId);
    if (!row) return executionNotFound(namespace, executionId);
    try {
      const loaded = await replay(this.#ports, executionId);
      return loaded?.execution ?? executionNotFound(namespace, executionId);
    } catch (error) {
      const reason = this.quarantineOf(executionId);
      if (reason === undefined) throw error;
      return quarantinedRejection(reason);
    }
  }

  /** Why the execution is left alone; undefined when it is not. */
  quarantineOf(executionId: string): string | undefined {
    return this.#ports.engine.quarantineOf(executionId);
  }

  /** The execution when it ends or is quarantined, or as it is after `waitMs`. `onLeave` tells when nobody waits any more. */
  async await(
    namespace: string,
    executionId: string,
    waitMs: number,
    onLeave: (run: () => void) => void,
  ): Promise<Execution | Rejection> {
    // Before anybody looks: an end that comes meanwhile must not be missed.
    const end = this.#endOf(executionId, waitMs, onLeave);
    if (await this.#isOpen(namespace, executionId)) await end.comes;
    else end.forget();
    return this.get(namespace, executionId);
  }

  list(query: ExecutionQuery): Promise<readonly ExecutionRow[]> {
    return this.#ports.store.listExecutions(query);
  }

  /** Fails for an execution that does not exist; its events otherwise, from memory or the store. */
  async events(
    namespace: string,
    executionId: string,
    afterSequence: number,
    limit: number,
  ): Promise<readonly LoggedEvent[] | Rejection> {
    const refused = await this.mustExist(namespace, executionId);
    if (refused) return refused;
    return (await this.#ports.store.readEvents(executionId, afterSequence, limit)).map(logged);
  }

  async mustExist(namespace: string, executionId: string): Promise<Rejection | undefined> {
    if (this.#live(namespace, executionId)) return undefined;
    const row = await this.#ports.store.getExecution(namespace, executionId);
    return row ? undefined : executionNotFound(namespace, executionId);
  }

  #live(namespace: string, executionId: string): Execution | undefined {
    const execution = this.#ports.engine.find(executionId);
    return execution?.header?.namespace === namespace ? execution : undefined;
  }

  /** Copied now, answered when all that the copy shows is durable; undefined when that will never be. */
  #durableCopy(execution: Execution): Promise<Execution | undefined> {
    const copy: Execution = {
      ...execution,
      active: new Set(),
      steps: execution.steps.map((run) => ({ ...run })),
    };
    return new Promise((resolve) =>
      this.#ports.log.barrier(() => resolve(copy), {
        executionId: execution.id,
        isLook: true,
        abandoned: () => resolve(undefined),
      }),
    );
  }

  /**
   * It may end yet: it is in memory, or asleep, and not quarantined. One that has ended may stay in memory for what
   * is still out.
   */
  #isOpen(namespace: string, executionId: string): boolean | Promise<boolean> {
    if (this.quarantineOf(executionId) !== undefined) return false;
    const live = this.#live(namespace, executionId);
    if (live) return !hasEnded(live);
    return this.#ports.store.getExecution(namespace, executionId).then((row) => row?.endedAtMs === null);
  }

  /** Comes when the execution has ended or is quarantined, the time is up, nobody waits any more, or the orchestrator stops. */
  #endOf(executionId: string, waitMs: number, onLeave: (run: () => void) => void) {
    const { hub, clock } = this.#ports;
    const { promise, resolve } = Promise.withResolvers<void>();
    const forget = (): void => {
      unsubscribe();
      cancelTimer();
      resolve();
    };
    const unsubscribe = hub.subscribe(executionId, {
      published: ({ events }) => {
        if (events.some(({ event }) => isTerminal(event.kind))) forget();
      },
      quarantined: forget,
      closed: forget,
    });
    const cancelTimer = clock.after(waitMs, forget);
    onLeave(forget);
    return { comes: promise, forget };
  }
}
