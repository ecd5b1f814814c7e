import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Agent } from "../core/agent.ts";
import type { AgentFilter } from "../core/agent-filter.ts";
import type { Limits } from "../core/limits.ts";
import { type Rejection, rejection } from "../core/rejection.ts";
import { type Change, ChangeLog } from "./change-log.ts";
import { Watcher, type WatchReader } from "./watcher.ts";

/** For how long free-slot changes gather after some were told. */
const gatherMs = 20;

/** What a reader asks for. */
export type WatchRequest = {
  readonly filter: AgentFilter;
  /** The revision of the last message that it got, with the same filter; undefined: from a snapshot on. */
  readonly after: number | undefined;
};

/** A reader's hold on its watch. */
export type Watch = {
  /** The reader takes messages again. */
  readonly drained: () => void;
  readonly close: () => void;
};

/**
 * Tells readers of changes. It owns the watchers, the log of changes, and those that nobody was told yet.
 *
 * 1. The revision grows by one with every change, told or not.
 * 2. A change of state is told at once, and with it all that had gathered. A change of free slots is told at
 *    once when none was told in the last 20 ms, else at the end of them: readers get at most 50 of those
 *    messages a second, however many agents there are.
 * 3. A new reader's snapshot holds every change up to its revision. One that names a revision from which the
 *    log still has every change gets those instead.
 */
export class FanOut {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #warming: () => boolean;
  readonly #watchers = new Set<Watcher>();
  /** In order of change; one agent may be in it more than once. */
  #untold: Agent[] = [];
  readonly #log: ChangeLog;
  #cancelWindow: CancelTimer | undefined;

  constructor(clock: Clock, limits: Limits, warming: () => boolean) {
    this.#clock = clock;
    this.#limits = limits;
    this.#warming = warming;
    this.#log = new ChangeLog(limits.changesKeptMax);
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  /** Adds a reader. It goes on after a revision if it can, else gets a snapshot of `agents`. */
  watch({ filter, after }: WatchRequest, reader: WatchReader, agents: Iterable<Agent>): Watch | Rejection {
    const { watchersMax } = this.#limits;
    if (this.#watchers.size >= watchersMax)
      return rejection("TOO_MANY_WATCHERS", `${watchersMax} readers watch already`);
    this.#tell();
    const watcher = new Watcher(filter, reader, this.#limits, this.#warming);
    this.#watchers.add(watcher);
    const { revision } = this.#log;
    const missed = after === undefined ? undefined : this.#log.since(after);
    if (after === undefined || !missed) watcher.begin(agents, revision);
    else watcher.resume(agents, missed, { after, revision });
    return { drained: () => watcher.drained(), close: () => void this.#watchers.delete(watcher) };
  }

  /** Notes changed records; `atOnce` when a state changed. */
  publish(changes: readonly Change[], atOnce: boolean): void {
    this.#log.add(changes);
    if (this.#watchers.size === 0) return;
    for (const { after } of changes) this.#untold.push(after);
    if (!atOnce && this.#cancelWindow) return;
    this.#tell();
    this.#openWindow();
  }

  /** Tells every reader how the registry stands. */
  announce(): void {
    for (const watcher of this.#watchers) watcher.announce();
  }

  /** Ends every watch. */
  stop(reason: Rejection): void {
    this.#cancelWindow?.();
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher.end(reason);
  }

  #openWindow(): void {
    this.#cancelWindow ??= this.#clock.after(gatherMs, () => {
      this.#cancelWindow = undefined;
      if (this.#untold.length === 0) return;
      this.#tell();
      this.#openWindow();
    });
  }

  #tell(): void {
    const changed = this.#untold;
    if (changed.length === 0) return;
    this.#untold = [];
    for (const watcher of this.#watchers)
      if (!watcher.offer(changed, this.#log.revision)) this.#watchers.delete(watcher);
  }
}
