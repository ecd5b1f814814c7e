import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Agent } from "../core/agent.ts";
import type { AgentFilter } from "../core/agent-filter.ts";
import type { Limits } from "../core/limits.ts";
import { type Rejection, rejection } from "../core/rejection.ts";
import { type Edition, Watcher, type WatchReader } from "./watcher.ts";

/** For how long free-slot changes gather after some were told. */
const gatherMs = 20;

/** A reader's hold on its watch. */
export type Watch = {
  /** The reader takes messages again. */
  readonly drained: () => void;
  readonly close: () => void;
};

/**
 * Tells readers of changes. It owns the watchers, the revision, and the changes that nobody was told yet.
 *
 * 1. The revision grows by one with every change, told or not.
 * 2. A change of state is told at once, and with it all that had gathered. A change of free slots is told at
 *    once when none was told in the last 20 ms, else at the end of them: readers get at most 50 of those
 *    messages a second, however many agents there are.
 * 3. A new reader's snapshot holds every change up to its revision.
 */
export class FanOut {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #warming: () => boolean;
  readonly #watchers = new Set<Watcher>();
  /** In order of change; one agent may be in it more than once. */
  #untold: Agent[] = [];
  #revision = 0;
  #cancelWindow: CancelTimer | undefined;

  constructor(clock: Clock, limits: Limits, warming: () => boolean) {
    this.#clock = clock;
    this.#limits = limits;
    this.#warming = warming;
  }

  /** Adds a reader; its snapshot is taken from `agents`. */
  watch(filter: AgentFilter, reader: WatchReader, agents: Iterable<Agent>): Watch | Rejection {
    const { watchersMax } = this.#limits;
    if (this.#watchers.size >= watchersMax)
      return rejection("TOO_MANY_WATCHERS", `${watchersMax} readers watch already`);
    this.#tell();
    const watcher = new Watcher(filter, reader, this.#limits, () => this.#edition());
    this.#watchers.add(watcher);
    watcher.begin(agents);
    return { drained: () => watcher.drained(), close: () => void this.#watchers.delete(watcher) };
  }

  /** Notes changed records; `atOnce` when a state changed. */
  publish(agents: readonly Agent[], atOnce: boolean): void {
    this.#revision += agents.length;
    if (this.#watchers.size === 0) return;
    this.#untold.push(...agents);
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
    for (const watcher of this.#watchers) if (!watcher.offer(changed)) this.#watchers.delete(watcher);
  }

  #edition(): Edition {
    return { revision: this.#revision, warming: this.#warming() };
  }
}
