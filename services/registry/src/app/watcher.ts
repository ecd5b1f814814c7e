import type { Agent } from "../core/agent.ts";
import { type AgentFilter, matches } from "../core/agent-filter.ts";
import type { Limits } from "../core/limits.ts";
import { type Rejection, rejection } from "../core/rejection.ts";

/** What a reader is told. */
export type WatchMessage = {
  readonly revision: number;
  /** The registry is younger than one lease: absence from its snapshot means nothing. */
  readonly warming: boolean;
  /** The agents are all there are, not changes. */
  readonly snapshot: boolean;
  readonly agents: readonly Agent[];
};

/** The reader's end. */
export type WatchReader = {
  /** False: it takes no more until it says so. */
  write(message: WatchMessage): boolean;
  end(rejection: Rejection): void;
};

/** The state of the registry as a message shows it. */
export type Edition = { readonly revision: number; readonly warming: boolean };

/**
 * One reader of changes. It owns what this reader has not taken yet.
 *
 * 1. Of each incarnation of an agent at most one record waits, the latest. A replaced incarnation keeps its
 *    own, so that its end is told before its successor.
 * 2. An agent that stops matching the filter is told once more, as it then is, so that the reader drops it.
 * 3. More than `watchPendingMax` waiting records cut the reader off.
 */
export class Watcher {
  readonly #filter: AgentFilter;
  readonly #reader: WatchReader;
  readonly #limits: Limits;
  readonly #edition: () => Edition;
  /** Ids of agents whose last record that this reader got, or will get, matched. */
  readonly #shown = new Set<string>();
  readonly #pending = new Map<string, Agent>();
  #taking = true;
  #owesEdition = false;

  constructor(filter: AgentFilter, reader: WatchReader, limits: Limits, edition: () => Edition) {
    this.#filter = filter;
    this.#reader = reader;
    this.#limits = limits;
    this.#edition = edition;
  }

  /** Writes the first message. */
  begin(agents: Iterable<Agent>): void {
    const matching = [...agents].filter((agent) => matches(this.#filter, agent));
    for (const { registration } of matching) this.#shown.add(registration.agentId);
    this.#write(true, matching);
  }

  /** Takes changed records; false: the reader was too slow and is cut off. */
  offer(agents: readonly Agent[]): boolean {
    for (const agent of agents) this.#keep(agent);
    this.#flush();
    if (this.#pending.size <= this.#limits.watchPendingMax) return true;
    const { watchPendingMax } = this.#limits;
    this.end(rejection("READER_TOO_SLOW", `more than ${watchPendingMax} changes wait; watch again`));
    return false;
  }

  /** Tells the reader how the registry stands, even if no agent changed. */
  announce(): void {
    this.#owesEdition = true;
    this.#flush();
  }

  /** The reader takes messages again. */
  drained(): void {
    this.#taking = true;
    this.#flush();
  }

  /** Ends the reader's stream. */
  end(reason: Rejection): void {
    this.#pending.clear();
    this.#owesEdition = false;
    this.#reader.end(reason);
  }

  #keep(agent: Agent): void {
    const { agentId, incarnation } = agent.registration;
    const shows = matches(this.#filter, agent);
    if (!shows && !this.#shown.has(agentId)) return;
    if (shows) this.#shown.add(agentId);
    else this.#shown.delete(agentId);
    const key = `${agentId}/${incarnation}`;
    this.#pending.delete(key);
    this.#pending.set(key, agent);
  }

  #flush(): void {
    while (this.#taking && (this.#pending.size > 0 || this.#owesEdition)) {
      const agents: Agent[] = [];
      for (const [key, agent] of this.#pending) {
        if (agents.length === this.#limits.agentsPerMessageMax) break;
        agents.push(agent);
        this.#pending.delete(key);
      }
      this.#write(false, agents);
    }
  }

  #write(snapshot: boolean, agents: readonly Agent[]): void {
    this.#owesEdition = false;
    this.#taking = this.#reader.write({ ...this.#edition(), snapshot, agents });
  }
}
