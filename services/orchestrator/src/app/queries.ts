import type { Clock } from "@weft/runtime/clock";
import { isTerminal } from "../core/event.ts";
import type { Execution } from "../core/execution.ts";
import { isRejection, type Rejection, rejection } from "../core/rejection.ts";
import type { Engine } from "./engine.ts";
import type { GroupCommit } from "./group-commit.ts";
import { type LoggedEvent, logged, replay } from "./history.ts";
import type { ExecutionQuery, ExecutionRow, Store } from "./store.ts";
import type { WatchHub } from "./watch-hub.ts";
import type { Workflows } from "./workflows.ts";

export type QueryPorts = {
  readonly engine: Engine;
  readonly log: GroupCommit;
  readonly hub: WatchHub;
  readonly store: Store;
  readonly workflows: Workflows;
  readonly clock: Clock;
};

/** Answers what backends ask about executions; shows nothing that is not durable. */
export class Queries {
  readonly #ports: QueryPorts;

  constructor(ports: QueryPorts) {
    this.#ports = ports;
  }

  async get(namespace: string, executionId: string): Promise<Execution | Rejection> {
    const live = this.#live(namespace, executionId);
    if (live) return this.#durableCopy(live);
    const { store, workflows } = this.#ports;
    const row = await store.getExecution(namespace, executionId);
    const execution = row && (await replay(store, workflows, executionId));
    return execution ?? executionNotFound(namespace, executionId);
  }

  /** The execution when it ends, or as it is after `waitMs`. `onLeave` tells when nobody waits any more. */
  async await(
    namespace: string,
    executionId: string,
    waitMs: number,
    onLeave: (run: () => void) => void,
  ): Promise<Execution | Rejection> {
    const live = this.#live(namespace, executionId);
    if (live) await this.#ended(live, waitMs, onLeave);
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

  async cancel(
    namespace: string,
    executionId: string,
    reason: string,
    requestedBy: string,
  ): Promise<Rejection | undefined> {
    const live = this.#live(namespace, executionId);
    const outcome =
      live && (await this.#ports.engine.cancel(executionId, { kind: "cancel", reason, requestedBy }));
    if (outcome) return isRejection(outcome) ? outcome : undefined;
    const row = await this.#ports.store.getExecution(namespace, executionId);
    if (!row) return executionNotFound(namespace, executionId);
    if (row.endedAtMs === null)
      return rejection("NOT_WRITABLE", "the execution is not run here: its log could not be read");
    return row.status === "CANCELLED"
      ? undefined
      : rejection("EXECUTION_ENDED", `the execution has already ended as ${row.status}`);
  }

  #live(namespace: string, executionId: string): Execution | undefined {
    const execution = this.#ports.engine.find(executionId);
    return execution?.header?.namespace === namespace ? execution : undefined;
  }

  /** Copied now, answered when all that the copy shows is durable. */
  #durableCopy(execution: Execution): Promise<Execution> {
    const copy: Execution = {
      ...execution,
      active: new Set(),
      steps: execution.steps.map((run) => ({ ...run })),
    };
    return new Promise((resolve) => this.#ports.log.barrier(() => resolve(copy)));
  }

  #ended(execution: Execution, waitMs: number, onLeave: (run: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        unsubscribe();
        cancelTimer();
        resolve();
      };
      // `done` runs later than these are set: nothing here is called back at once.
      const unsubscribe = this.#ports.hub.subscribe(execution.id, {
        published: ({ events }) => {
          if (events.some(({ event }) => isTerminal(event.kind))) done();
        },
        closed: done,
      });
      const cancelTimer = this.#ports.clock.after(waitMs, done);
      onLeave(done);
    });
  }
}

function executionNotFound(namespace: string, executionId: string): Rejection {
  return rejection("EXECUTION_NOT_FOUND", `namespace ${namespace} has no execution ${executionId}`);
}
