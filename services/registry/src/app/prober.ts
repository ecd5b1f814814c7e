import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Probe } from "../core/health.ts";
import type { HealthProbe, ProbeTarget } from "./health-probe.ts";

export type ProberOptions = {
  readonly probe: HealthProbe;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly probesInFlightMax: number;
};

type Probed = {
  readonly agentId: string;
  readonly incarnation: string;
  readonly address: string;
  readonly target: ProbeTarget;
};

/**
 * Asks agents, one after the other and again, whether they serve. It owns the connections for it.
 *
 * 1. An agent is asked as soon as it is known, then `intervalMs` after each answer.
 * 2. At most `probesInFlightMax` questions are out; beyond that, agents wait in the order they came due.
 * 3. An answer for an agent that was dropped, replaced or moved is ignored.
 */
export class Prober {
  readonly #clock: Clock;
  readonly #options: ProberOptions;
  readonly #onProbed: (agentId: string, incarnation: string, probe: Probe) => void;
  readonly #agents = new Map<string, Probed>();
  /** When each is due again. All intervals are equally long, so the order of answers is the order of turns. */
  readonly #later = new Map<Probed, number>();
  readonly #due = new Set<Probed>();
  #inFlight = 0;
  #cancelTimer: CancelTimer | undefined;

  constructor(
    clock: Clock,
    options: ProberOptions,
    onProbed: (agentId: string, incarnation: string, probe: Probe) => void,
  ) {
    this.#clock = clock;
    this.#options = options;
    this.#onProbed = onProbed;
  }

  /** Adds an agent; a known one goes on as it is, unless it was replaced or has moved. */
  add(agentId: string, incarnation: string, address: string): void {
    const known = this.#agents.get(agentId);
    if (known?.incarnation === incarnation && known.address === address) return;
    this.drop(agentId);
    const agent = { agentId, incarnation, address, target: this.#options.probe.open(address) };
    this.#agents.set(agentId, agent);
    this.#due.add(agent);
    this.#askDue();
  }

  /** Asks an agent no more. */
  drop(agentId: string): void {
    const agent = this.#agents.get(agentId);
    if (!agent) return;
    this.#agents.delete(agentId);
    this.#later.delete(agent);
    this.#due.delete(agent);
    agent.target.close();
  }

  /** Lets go of every connection and the timer. */
  stop(): void {
    this.#cancelTimer?.();
    for (const agentId of this.#agents.keys()) this.drop(agentId);
  }

  #askDue(): void {
    for (const agent of this.#due) {
      if (this.#inFlight >= this.#options.probesInFlightMax) return;
      this.#due.delete(agent);
      this.#ask(agent);
    }
  }

  #ask(agent: Probed): void {
    this.#inFlight++;
    agent.target.check(this.#options.timeoutMs, (problem) => {
      this.#inFlight--;
      if (this.#agents.get(agent.agentId) === agent) this.#answered(agent, problem);
      this.#askDue();
    });
  }

  #answered(agent: Probed, problem: string | undefined): void {
    const at = this.#clock.monotonic();
    this.#later.set(agent, at + this.#options.intervalMs);
    if (!this.#cancelTimer) this.#arm(this.#options.intervalMs);
    this.#onProbed(agent.agentId, agent.incarnation, { at, problem });
  }

  #arm(delayMs: number): void {
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#takeTurns());
  }

  #takeTurns(): void {
    this.#cancelTimer = undefined;
    const now = this.#clock.monotonic();
    for (const [agent, dueAt] of this.#later) {
      if (dueAt > now) {
        this.#arm(dueAt - now);
        break;
      }
      this.#later.delete(agent);
      this.#due.add(agent);
    }
    this.#askDue();
  }
}
