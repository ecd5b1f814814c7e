import type { Agent } from "../core/agent.ts";
import { type AgentFilter, matches } from "../core/agent-filter.ts";
import type { Limits } from "../core/limits.ts";
import { type Rejection, rejection } from "../core/rejection.ts";
import type { Change } from "./change-log.ts";

/** What a reader is told. */
export type WatchMessage = {
  /** The reader has been told everything up to it. */
  readonly revision: number;
  /** The registry is younger than one lease, or more of the snapshot follows: absence means nothing. */
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

/**
 * One reader of changes. It owns what this reader has not taken yet.
 *
 * 1. Of each incarnation of an agent at most one record waits, the latest. A replaced incarnation keeps its
 *    own, so that its end is told before its successor.
 * 2. An agent that stops matching the filter is told once more, as it then is, so that the reader drops it.
 * 3. More than `watchPendingMax` waiting records cut the reader off.
 * 4. A message's revision moves on only when nothing waits: whoever resumes after it has missed nothing.
 */
export class Watcher {
  readonly #filter: AgentFilter;
  readonly #reader: WatchReader;
  readonly #limits: Limits;
  readonly #warming: () => boolean;
  /** Ids of agents whose last record that this reader got, or will get, matched. */
  readonly #shown = new Set<string>();
  readonly #pending = new Map<string, Agent>();
  #taking = true;
  #owesMessage = false;
  #inSnapshot = false;
  #toldRevision = 0;
  #offeredRevision = 0;

  constructor(filter: AgentFilter, reader: WatchReader, limits: Limits, warming: () => boolean) {
    this.#filter = filter;
    this.#reader = reader;
    this.#limits = limits;
    this.#warming = warming;
  }

  /** Writes a snapshot, in pieces if it is large. */
  begin(agents: Iterable<Agent>, revision: number): void {
    const matching = [...agents].filter((agent) => matches(this.#filter, agent));
    const { agentsPerMessageMax } = this.#limits;
    for (const agent of matching) this.#shown.add(agent.registration.agentId);
    for (const agent of matching.slice(agentsPerMessageMax)) this.#pending.set(keyOf(agent), agent);
    this.#inSnapshot = true;
    this.#offeredRevision = revision;
    this.#write(true, matching.slice(0, agentsPerMessageMax));
    this.#flush();
  }

  /** Writes what the reader missed, at least an empty message. `agents` are those of now. */
  resume(
    agents: Iterable<Agent>,
    missed: readonly Change[],
    { after, revision }: { readonly after: number; readonly revision: number },
  ): void {
    this.#toldRevision = after;
    const firsts = new Map<string, Change>();
    for (const change of missed) {
      const { agentId } = change.after.registration;
      if (!firsts.has(agentId)) firsts.set(agentId, change);
    }
    for (const agent of agents) if (!firsts.has(agent.registration.agentId)) this.#noteShown(agent);
    for (const { before } of firsts.values()) if (before) this.#noteShown(before);
    this.#owesMessage = true;
    this.offer(
      missed.map((change) => change.after),
      revision,
    );
  }

  /** Takes changed records, up to a revision; false: the reader was too slow and is cut off. */
  offer(agents: readonly Agent[], revision: number): boolean {
    for (const agent of agents) this.#keep(agent);
    this.#offeredRevision = revision;
    this.#flush();
    if (this.#pending.size <= this.#limits.watchPendingMax) return true;
    const { watchPendingMax } = this.#limits;
    this.end(rejection("READER_TOO_SLOW", `more than ${watchPendingMax} changes wait; watch again`));
    return false;
  }

  /** Tells the reader how the registry stands, even if no agent changed. */
  announce(): void {
    this.#owesMessage = true;
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
    this.#owesMessage = false;
    this.#reader.end(reason);
  }

  #keep(agent: Agent): void {
    const { agentId } = agent.registration;
    const wasShown = this.#shown.delete(agentId);
    if (!wasShown && !matches(this.#filter, agent)) return;
    this.#noteShown(agent);
    const key = keyOf(agent);
    this.#pending.delete(key);
    this.#pending.set(key, agent);
  }

  /** An agent that is gone is told, and then shown no longer. */
  #noteShown(agent: Agent): void {
    if (agent.state !== "GONE" && matches(this.#filter, agent)) this.#shown.add(agent.registration.agentId);
  }

  #flush(): void {
    while (this.#taking && (this.#pending.size > 0 || this.#owesMessage)) {
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
    this.#owesMessage = false;
    if (this.#pending.size === 0) {
      this.#inSnapshot = false;
      this.#toldRevision = this.#offeredRevision;
    }
    const warming = this.#inSnapshot || this.#warming();
    this.#taking = this.#reader.write({ revision: this.#toldRevision, warming, snapshot, agents });
  }
}

function keyOf({ registration: { agentId, incarnation } }: Agent): string {
  return `${agentId}/${incarnation}`;
}
