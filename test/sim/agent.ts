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

const failureMs = 20;

/** An agent's process: it takes what it has a slot for, and knows whose work it does. */
export class Agent {
  readonly id: string;
  readonly plan: AgentPlan;
  readonly #timeline: Timeline;
  readonly #runningOf = new Map<number, number>();
  #running = 0;

  constructor(id: string, plan: AgentPlan, timeline: Timeline) {
    this.id = id;
    this.plan = plan;
    this.#timeline = timeline;
  }

  get isFull(): boolean {
    return this.#running >= this.plan.slots;
  }

  /** The slots that others' work takes, as that orchestrator sees it. */
  busyElsewhere(orchestrator: number): number {
    return this.#running - (this.#runningOf.get(orchestrator) ?? 0);
  }

  /** Does the call, and tells when it has ended. */
  start(call: Call, ended: () => void): void {
    const { plan } = this;
    call.waitedMs = this.#timeline.nowMs - call.arrivedMs;
    call.hasFailed = plan.fails;
    call.tookMs = plan.fails ? failureMs : call.workMs / plan.speed;
    this.#count(call.orchestrator, 1);
    this.#timeline.after(call.tookMs, () => {
      this.#count(call.orchestrator, -1);
      ended();
    });
  }

  #count(orchestrator: number, calls: number): void {
    this.#running += calls;
    this.#runningOf.set(orchestrator, (this.#runningOf.get(orchestrator) ?? 0) + calls);
  }
}
