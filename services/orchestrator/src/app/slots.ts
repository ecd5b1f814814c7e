import { Fleet, type Waiting, WaitingQueue } from "@weft/balancer";
import { BreakerGround, type BreakerOutcome } from "@weft/runtime/breaker";
import type { Clock } from "@weft/runtime/clock";
import type { Binding } from "../core/event.ts";
import { AgentBreakers } from "./agent-breakers.ts";
import { explainSlot, type SlotExplanation } from "./slot-explanation.ts";

/** A due step that waits for a slot. */
export type Waiter = { readonly executionId: string; readonly step: string };

export type SlotsOptions = {
  readonly clock: Clock;
  readonly random: () => number;
  /** How long an agent is left alone with a capability at which it keeps failing. */
  readonly agentBreakerCoolDownMs: number;
};

export type SlotsListener = {
  /** Which life of the agent is known. */
  incarnationOf(agentId: string): string | undefined;
  /** A slot was found for a step that waited. False: the step no longer needs it. */
  bind(waiter: Waiter, binding: Binding): boolean;
};

/** What of a call its breakers have to know. */
export type Call = {
  readonly agentId: string;
  readonly capability: string;
  /** In which it went out. */
  readonly epoch: number;
};

/** Far above what executions in flight can ask for: a bound against a bug, not a setting. */
const waitersMax = 100_000_000;
const failuresInARow = 5;
const probeMs = 30_000;

/**
 * Which due step gets which slot, and who waits.
 *
 * 1. Nobody overtakes: while a step waits for a capability, later steps queue behind it.
 * 2. An agent that keeps failing at a capability is passed over for it.
 */
export class Slots {
  readonly fleet = new Fleet();
  readonly agentBreakers: AgentBreakers;
  readonly #random: () => number;
  readonly #ground: BreakerGround;
  readonly #listener: SlotsListener;
  readonly #queue = new WaitingQueue<Waiter>(waitersMax);

  constructor({ clock, random, agentBreakerCoolDownMs }: SlotsOptions, listener: SlotsListener) {
    this.#random = random;
    this.#listener = listener;
    this.#ground = new BreakerGround(clock, random);
    const rules = { failuresInARow, probeMs, coolDownMs: agentBreakerCoolDownMs };
    this.agentBreakers = new AgentBreakers(this.#ground, rules, (agentId) => this.serve(agentId));
  }

  stop(): void {
    this.agentBreakers.stop();
  }

  /** That of a call which goes out now. */
  get epoch(): number {
    return this.#ground.epoch;
  }

  /** Takes a slot for a step that is due now; undefined when none is to be had, or others waited longer. */
  reserve(capability: string): Binding | undefined {
    if (this.#queue.size > 0 && this.#queue.oldestAmong([capability])) return undefined;
    const passedOver = this.agentBreakers.passedOver(capability);
    const agentId = this.fleet.reserve(capability, this.#random, passedOver);
    if (agentId === undefined) return undefined;
    this.agentBreakers.begin(agentId, capability);
    return this.#bindingAt(agentId);
  }

  /** Gives back a slot that was reserved and not used. */
  giveBack({ agentId }: Binding, capability: string): void {
    this.agentBreakers.giveBack(agentId, capability);
    this.release(agentId, capability);
  }

  /** The slot is free again. */
  release(agentId: string, capability: string): void {
    this.fleet.release(agentId, capability);
    this.serve(agentId);
  }

  /** How a call has ended; before its slot is released. */
  record({ agentId, capability, epoch }: Call, outcome: BreakerOutcome): void {
    this.agentBreakers.record(agentId, capability, epoch, outcome);
  }

  /** A call is heard of. */
  progressed({ agentId, capability, epoch }: Call): void {
    this.agentBreakers.progressed(agentId, capability, epoch);
  }

  /** Binds late: to whichever agent frees first. */
  enqueue(capability: string, waiter: Waiter): Waiting<Waiter> {
    const result = this.#queue.enqueue(capability, waiter);
    if (result.kind === "full") throw new Error(`more than ${result.entriesMax} steps wait`);
    return result.entry;
  }

  withdraw(waiting: Waiting<Waiter>): void {
    this.#queue.remove(waiting);
  }

  /** Why a step has no slot; `waiting` is its place in the queue, when it has one. */
  explain(capability: string, waiting: Waiting<Waiter> | undefined): SlotExplanation {
    return explainSlot(this.fleet.snapshot(), capability, {
      position: waiting && this.#queue.position(waiting),
      passedOver: this.agentBreakers.passedOver(capability),
      nextProbeAtMs: this.agentBreakers.nextProbeAtMs(capability),
    });
  }

  /** Gives the agent's free slots to those that wait, the oldest first. */
  serve(agentId: string): void {
    while (this.#queue.size > 0) {
      const open = this.agentBreakers.admitted(agentId, this.fleet.openCapabilities(agentId));
      const waiting = this.#queue.oldestAmong(open);
      if (!waiting) return;
      const { capability, value: waiter } = waiting;
      this.#queue.remove(waiting);
      this.fleet.reserveAt(agentId, capability);
      this.agentBreakers.begin(agentId, capability);
      if (this.#listener.bind(waiter, this.#bindingAt(agentId))) continue;
      this.agentBreakers.giveBack(agentId, capability);
      this.fleet.release(agentId, capability);
    }
  }

  #bindingAt(agentId: string): Binding {
    return { agentId, incarnation: this.#listener.incarnationOf(agentId) ?? "" };
  }
}
