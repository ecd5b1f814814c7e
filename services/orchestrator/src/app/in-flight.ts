import type { Binding, SendRef } from "../core/event.ts";
import type { AttemptTimers } from "./attempt-timers.ts";

/** A step that is bound to an agent and has not been answered. */
export type InFlight = SendRef &
  Binding & {
    readonly dispatchId: string;
    readonly executionId: string;
    readonly namespace: string;
    readonly workflow: string;
    readonly capability: string;
    readonly timers: AttemptTimers;
    /** Of the breakers, as it went out. */
    readonly epoch: number;
    /** By the monotonic clock; undefined when an earlier life sent it. */
    readonly sentAtMs: number | undefined;
    /** A slot at the agent is reserved for it. */
    hasSlot: boolean;
    /** It may have reached the agent. */
    wasWritten: boolean;
    /** Why the agent was told to stop, if it was: a session that was cut then has lost that. */
    cancelReason: string | undefined;
    /** The agent was told of another deadline than the dispatch has: lost with a session that was cut. */
    wasExtended: boolean;
    /** Its handler was heard of. */
    madeProgress: boolean;
    /** The breakers have heard how it ended. */
    isJudged: boolean;
    /** How long its slot is to rest before others get it: after a failure of the agent's own. */
    restMs: number;
  };

/** What is out at the agents, by dispatch id and by agent. */
export class InFlightTable {
  readonly #byId = new Map<string, InFlight>();
  readonly #byAgent = new Map<string, Set<InFlight>>();

  get size(): number {
    return this.#byId.size;
  }

  add(entry: InFlight): void {
    this.#byId.set(entry.dispatchId, entry);
    const ofAgent = this.#byAgent.get(entry.agentId);
    if (ofAgent) ofAgent.add(entry);
    else this.#byAgent.set(entry.agentId, new Set([entry]));
  }

  get(dispatchId: string): InFlight | undefined {
    return this.#byId.get(dispatchId);
  }

  /** Takes the entry out and stops its timers; undefined when it is not there (any more). */
  take(dispatchId: string): InFlight | undefined {
    const entry = this.#byId.get(dispatchId);
    if (!entry) return undefined;
    entry.timers.stop();
    this.#byId.delete(dispatchId);
    const ofAgent = this.#byAgent.get(entry.agentId);
    ofAgent?.delete(entry);
    if (ofAgent?.size === 0) this.#byAgent.delete(entry.agentId);
    return entry;
  }

  at(agentId: string): readonly InFlight[] {
    return [...(this.#byAgent.get(agentId) ?? [])];
  }

  /** Forgets everything and stops every timer. */
  clear(): void {
    for (const { timers } of this.#byId.values()) timers.stop();
    this.#byId.clear();
    this.#byAgent.clear();
  }
}
