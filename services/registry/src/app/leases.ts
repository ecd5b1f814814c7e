import type { CancelTimer, Clock } from "@weft/runtime/clock";

/** The share of a lease by which the timer may be late. */
const lateShareMax = 0.1;

/**
 * When each agent's lease ends. It owns one timer for all of them.
 *
 * 1. All leases are equally long and time never goes back, so the order of renewal is the order of ends.
 * 2. The timer is armed whenever there is a lease, for no later than the earliest end. Renewals leave it alone:
 *    a timer that finds nothing due arms itself again.
 * 3. No lease ends by a timer that fires late: the process stood still, and heartbeats wait to be read. Agents
 *    then have half a lease more.
 */
export class Leases {
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #onEnded: (agentId: string, at: number) => void;
  /** Oldest renewal first. */
  readonly #ends = new Map<string, number>();
  #cancelTimer: CancelTimer | undefined;

  constructor(clock: Clock, leaseMs: number, onEnded: (agentId: string, at: number) => void) {
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.#onEnded = onEnded;
  }

  /** Starts or renews the lease of an agent. */
  renew(agentId: string, endsAt: number): void {
    this.#ends.delete(agentId);
    this.#ends.set(agentId, endsAt);
    if (!this.#cancelTimer) this.#arm(endsAt);
  }

  /** Drops the lease of an agent that is gone. */
  drop(agentId: string): void {
    this.#ends.delete(agentId);
  }

  /** Lets go of the timer; no lease ends any more. */
  stop(): void {
    this.#ends.clear();
    this.#cancelTimer?.();
  }

  #arm(dueAt: number): void {
    this.#cancelTimer = this.#clock.after(dueAt - this.#clock.monotonic(), () => this.#sweep(dueAt));
  }

  #sweep(dueAt: number): void {
    this.#cancelTimer = undefined;
    const at = this.#clock.monotonic();
    if (at - dueAt > this.#leaseMs * lateShareMax) return this.#arm(at + this.#leaseMs / 2);
    for (const [agentId, endsAt] of this.#ends) {
      if (endsAt > at) return this.#arm(endsAt);
      this.#ends.delete(agentId);
      this.#onEnded(agentId, at);
    }
  }
}
