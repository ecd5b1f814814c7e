import type { CancelTimer, Clock } from "@weft/runtime/clock";

type Hold = { readonly agentId: string; readonly capability: string; readonly endsAt: number };

/**
 * Slots that were promised to callers and that their agents have not counted yet. It owns one timer.
 *
 * 1. All holds are equally long, so the order in which they were added is the order in which they end.
 * 2. `onReleased` is called once for each hold that was added, unless its agent was dropped.
 */
export class SlotHolds {
  readonly #clock: Clock;
  readonly #holdMs: number;
  readonly #onReleased: (agentId: string, capability: string) => void;
  readonly #holds = new Set<Hold>();
  readonly #ofAgents = new Map<string, Set<Hold>>();
  #cancelTimer: CancelTimer | undefined;

  constructor(clock: Clock, holdMs: number, onReleased: (agentId: string, capability: string) => void) {
    this.#clock = clock;
    this.#holdMs = holdMs;
    this.#onReleased = onReleased;
  }

  add(agentId: string, capability: string): void {
    const hold = { agentId, capability, endsAt: this.#clock.monotonic() + this.#holdMs };
    this.#holds.add(hold);
    const ofAgent = this.#ofAgents.get(agentId);
    if (ofAgent) ofAgent.add(hold);
    else this.#ofAgents.set(agentId, new Set([hold]));
    if (!this.#cancelTimer) this.#arm(this.#holdMs);
  }

  /** The agent has taken so many slots itself: its oldest holds are counted twice. */
  counted(agentId: string, slots: number): void {
    let left = slots;
    for (const hold of this.#ofAgents.get(agentId) ?? []) {
      if (left-- === 0) return;
      this.#release(hold);
    }
  }

  /** A call of this capability is over: its hold, or one like it, is not needed. */
  over(agentId: string, capability: string): void {
    for (const hold of this.#ofAgents.get(agentId) ?? [])
      if (hold.capability === capability) return this.#release(hold);
  }

  /** The agent is gone, and its slots with it. */
  drop(agentId: string): void {
    for (const hold of this.#ofAgents.get(agentId) ?? []) this.#holds.delete(hold);
    this.#ofAgents.delete(agentId);
  }

  stop(): void {
    this.#cancelTimer?.();
  }

  #release(hold: Hold): void {
    const { agentId, capability } = hold;
    this.#holds.delete(hold);
    const ofAgent = this.#ofAgents.get(agentId);
    ofAgent?.delete(hold);
    if (ofAgent?.size === 0) this.#ofAgents.delete(agentId);
    this.#onReleased(agentId, capability);
  }

  #arm(delayMs: number): void {
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#sweep());
  }

  #sweep(): void {
    this.#cancelTimer = undefined;
    const now = this.#clock.monotonic();
    for (const hold of this.#holds) {
      if (hold.endsAt > now) return this.#arm(hold.endsAt - now);
      this.#release(hold);
    }
  }
}
