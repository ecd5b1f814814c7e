import type { Timeline } from "./timeline.ts";

export type AgentPlan = {
  readonly slots: number;
  /** How many ms of work it does in a ms. */
  readonly speed: number;
  /** It fails every call, after 20 ms. */
  readonly fails: boolean;
};

/** One call to be made at some agent. */
export type Call = {
  readonly orchestrator: number;
  readonly executionId: string;
  readonly workMs: number;
  readonly arrivedMs: number;
  /** From its arrival to its start at an agent. */
  waitedMs: number;
  /** From its start to the answer. */
  tookMs: number;
  hasFailed: boolean;
};

/** Calls that wait in an orchestrator while this agent has no slot for it. */
type Wait = { readonly sinceMs: number; left: number };

const failureMs = 20;
/** How long a free slot is kept for the orchestrator that it is offered to. */
const offerMs = 200;

/**
 * An agent's process: it takes what it has a slot for, knows whose work it does, and offers a slot that is free to
 * the orchestrator whose calls have waited longest.
 */
export class Agent {
  readonly id: string;
  readonly plan: AgentPlan;
  readonly #timeline: Timeline;
  readonly #runningOf = new Map<number, number>();
  readonly #waits = new Map<number, Wait>();
  /** To whom, one entry a slot. */
  readonly #offers: number[] = [];
  #running = 0;

  constructor(id: string, plan: AgentPlan, timeline: Timeline) {
    this.id = id;
    this.plan = plan;
    this.#timeline = timeline;
  }

  get isFull(): boolean {
    return this.#running >= this.plan.slots;
  }

  isFullFor(orchestrator: number): boolean {
    return this.#running + this.#offeredToOthers(orchestrator) >= this.plan.slots;
  }

  /** The slots that others' work takes or that are on offer to them, as that orchestrator sees it. */
  busyElsewhere(orchestrator: number): number {
    return this.#running - (this.#runningOf.get(orchestrator) ?? 0) + this.#offeredToOthers(orchestrator);
  }

  /** How many calls of an orchestrator wait, the oldest since when. */
  wait(orchestrator: number, sinceMs: number, calls: number): void {
    if (calls === 0) this.#waits.delete(orchestrator);
    else this.#waits.set(orchestrator, { sinceMs, left: calls });
    for (let place = this.#offers.length - 1; place >= 0 && calls === 0; place--)
      if (this.#offers[place] === orchestrator) this.#offers.splice(place, 1);
  }

  /** Puts each free slot on offer to who has waited longest, and says to whom; `expired` tells of what nobody took. */
  offer(expired: () => void): readonly number[] {
    const offered: number[] = [];
    while (this.#running + this.#offers.length < this.plan.slots) {
      const next = this.#longestWaiting();
      if (next === undefined) break;
      this.#waits.get(next)!.left--;
      this.#offers.push(next);
      offered.push(next);
      this.#timeline.after(offerMs, () => {
        if (this.#withdraw(next)) expired();
      });
    }
    return offered;
  }

  /** Does the call, and tells when it has ended. */
  start(call: Call, ended: () => void): void {
    const { plan } = this;
    call.waitedMs = this.#timeline.nowMs - call.arrivedMs;
    call.hasFailed = plan.fails;
    call.tookMs = plan.fails ? failureMs : call.workMs / plan.speed;
    this.#withdraw(call.orchestrator);
    this.#count(call.orchestrator, 1);
    this.#timeline.after(call.tookMs, () => {
      this.#count(call.orchestrator, -1);
      ended();
    });
  }

  #longestWaiting(): number | undefined {
    let longest: number | undefined;
    for (const [orchestrator, { sinceMs, left }] of this.#waits)
      if (left > 0 && (longest === undefined || sinceMs < this.#waits.get(longest)!.sinceMs))
        longest = orchestrator;
    return longest;
  }

  #offeredToOthers(orchestrator: number): number {
    return this.#offers.reduce((sum, to) => sum + Number(to !== orchestrator), 0);
  }

  #withdraw(orchestrator: number): boolean {
    const place = this.#offers.indexOf(orchestrator);
    if (place >= 0) this.#offers.splice(place, 1);
    return place >= 0;
  }

  #count(orchestrator: number, calls: number): void {
    this.#running += calls;
    this.#runningOf.set(orchestrator, (this.#runningOf.get(orchestrator) ?? 0) + calls);
  }
}
