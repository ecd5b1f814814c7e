import { Fleet, WaitingQueue } from "@weft/balancer";
import { BreakerGround, type BreakerOutcome } from "@weft/runtime/breaker";
import type { Clock } from "@weft/runtime/clock";
import type { Binding } from "../core/event.ts";
import { AgentBreakers } from "./agent-breakers.ts";
import type { WaitingSteps } from "./agents.ts";
import type { BreakerCause, BreakerChange } from "./breaker-changes.ts";
import { type NamedBreaker, ofAgent, ofStep, shown } from "./circuit-breaker.ts";
import { RestingSlots } from "./resting-slots.ts";
import { explainSlot, type SlotExplanation } from "./slot-explanation.ts";
import { SlotWaits } from "./slot-waits.ts";
import { StepBreakers, type StepOfWorkflow, stepKey } from "./step-breakers.ts";
import type { Place, Waiter } from "./waiter.ts";

export type SlotsOptions = {
  readonly clock: Clock;
  readonly random: () => number;
  /** How long an agent is left alone with a capability at which it keeps failing. */
  readonly agentBreakerCoolDownMs: number;
  /** How long a step that keeps failing is held back. */
  readonly stepBreakerCoolDownMs: number;
};

export type SlotsListener = {
  /** Which life of the agent is known. */
  incarnationOf(agentId: string): string | undefined;
  /** A slot was found for a step that waited. False: the step no longer needs it. */
  bind(waiter: Waiter, binding: Binding): boolean;
  breakerChanged(change: BreakerChange): void;
  /** Agents that take work of the capability and have other orchestrators too. */
  sharedAgents(capability: string): readonly string[];
  /** What waits here is to be told to the agent. */
  tellWait(agentId: string, waiting: WaitingSteps): void;
  /** A step that had to wait for so long has a slot. */
  waited(capability: string, ms: number): void;
};

/** A slot of an agent's life that was reserved for a capability. */
export type Slot = Binding & { readonly capability: string };

/** What its breakers and the balancer have to know of a call. */
export type Call = StepOfWorkflow & {
  readonly agentId: string;
  readonly capability: string;
  /** In which it went out. */
  readonly epoch: number;
  /** By the monotonic clock; undefined: not known. */
  readonly sentAtMs: number | undefined;
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
 * 3. A step that keeps failing is held back. Whether it may go is asked where a slot is at hand, so that one
 *    which had its place in the queue before is held too.
 */
export class Slots {
  readonly fleet = new Fleet();
  readonly agentBreakers: AgentBreakers;
  readonly stepBreakers: StepBreakers<Place>;
  readonly waits: SlotWaits;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #ground: BreakerGround;
  readonly #listener: SlotsListener;
  readonly #queue = new WaitingQueue<Place>(waitersMax);
  readonly #resting: RestingSlots;

  constructor(options: SlotsOptions, listener: SlotsListener) {
    const { clock, random, agentBreakerCoolDownMs, stepBreakerCoolDownMs } = options;
    this.#clock = clock;
    this.#random = random;
    this.#listener = listener;
    this.#resting = new RestingSlots(clock);
    this.#ground = new BreakerGround(clock, random);
    this.waits = new SlotWaits({
      clock,
      random,
      queue: this.#queue,
      sharedAgents: (capability) => this.#sharedAgents(capability),
      tell: (agentId, waiting) => listener.tellWait(agentId, waiting),
    });
    const rules = { failuresInARow, probeMs };
    this.agentBreakers = new AgentBreakers(
      this.#ground,
      { ...rules, coolDownMs: agentBreakerCoolDownMs },
      {
        admits: (agentId) => this.serve(agentId),
        changed: (agentId, capability, breaker, cause) =>
          this.#breakerChanged(ofAgent(agentId, capability, breaker), cause),
      },
    );
    this.stepBreakers = new StepBreakers(
      this.#ground,
      { ...rules, coolDownMs: stepBreakerCoolDownMs },
      {
        heldMax: waitersMax,
        admits: (key) => this.#letGo(key),
        changed: (key, breaker, cause) => this.#breakerChanged(ofStep(key, breaker), cause),
      },
    );
  }

  stop(): void {
    this.#resting.stop();
    this.waits.stop();
    this.agentBreakers.stop();
    this.stepBreakers.stop();
  }

  /** That of a call which goes out now. */
  get epoch(): number {
    return this.#ground.epoch;
  }

  /**
   * Takes a slot for a step that is due now; undefined when none is to be had, or others waited longer. The key
   * may be left out while there are no step breakers.
   */
  reserve(capability: string, stepKey: string | undefined): Binding | undefined {
    if (stepKey !== undefined && this.stepBreakers.holds(stepKey)) return undefined;
    return this.#take(capability, stepKey);
  }

  /** Gives back a slot that was reserved and not used. */
  giveBack(binding: Binding, capability: string, stepKey: string | undefined): void {
    const { agentId } = binding;
    if (this.#isSameLife(binding)) {
      this.#putBack(agentId, capability, stepKey);
      this.serve(agentId);
    } else if (stepKey !== undefined) this.stepBreakers.giveBack(stepKey);
    if (stepKey !== undefined) this.#letGo(stepKey);
  }

  /** The slot is free again, at once or when it has rested for so long. */
  release(slot: Slot, restMs = 0): void {
    if (restMs === 0) return this.#free(slot);
    this.#resting.add(restMs, () => this.#free(slot));
  }

  /** How a call has ended, before its slot is released; answers for how many ms that slot should rest. */
  record(call: Call, outcome: BreakerOutcome, failureCode?: string): number {
    const { agentId, capability, sentAtMs } = call;
    this.agentBreakers.record(call, outcome, failureCode);
    this.stepBreakers.record(call, outcome, failureCode);
    if (outcome === "neither") return 0;
    const latencyMs = sentAtMs === undefined ? undefined : this.#clock.monotonic() - sentAtMs;
    return this.fleet.completed(agentId, capability, stepKey(call), {
      latencyMs,
      isFailure: outcome === "failed",
    });
  }

  /** A call is heard of. */
  progressed(call: Call): void {
    this.agentBreakers.progressed(call.agentId, call.capability, call.epoch);
    this.stepBreakers.progressed(call, call.epoch);
  }

  /** Binds late: to whichever agent frees first. */
  enqueue(waiter: Waiter): Place {
    const place: Place = { waiter, sinceMs: this.#clock.monotonic(), isHeld: false, entry: undefined };
    if (this.stepBreakers.holds(waiter.stepKey)) this.#hold(place);
    else this.#queueUp(place);
    return place;
  }

  withdraw({ waiter: { stepKey, capability }, entry, isHeld }: Place): void {
    if (!entry) return;
    if (isHeld) return this.stepBreakers.leave(entry);
    this.#queue.remove(entry);
    this.waits.lineChanged(capability);
    // It may have been the one that was to be the probe. Later: whoever withdraws is in the middle of a commit.
    if (!this.stepBreakers.isClosed(stepKey)) this.#clock.after(0, () => this.#letGo(stepKey));
  }

  /** Why a step has no slot; `place` is where it waits, when it does. */
  explain(capability: string, place: Place | undefined): SlotExplanation {
    if (place?.isHeld) {
      const nextProbeAtMs = this.stepBreakers.nextProbeAtMs(place.waiter.stepKey);
      return { kind: "step-failing", nextProbeAtMs };
    }
    return explainSlot(this.fleet.snapshot(), capability, {
      position: place?.entry && this.#queue.position(place.entry),
      passedOver: this.agentBreakers.passedOver(capability),
      nextProbeAtMs: this.agentBreakers.nextProbeAtMs(capability),
    });
  }

  /** How many steps wait for a slot of each capability. */
  *waiting(): Iterable<readonly [capability: string, steps: number]> {
    for (const capability of this.#queue.capabilities) yield [capability, this.#queue.lengthOf(capability)];
  }

  /** Gives the agent's free slots to those that wait, the oldest first. */
  serve(agentId: string): void {
    while (this.#queue.size > 0) {
      const open = this.agentBreakers.admitted(agentId, this.fleet.openCapabilities(agentId));
      const waiting = this.#queue.oldestAmong(open);
      if (!waiting) return;
      const { value: place } = waiting;
      const { capability, stepKey } = place.waiter;
      this.waits.lineChanged(capability);
      if (!this.stepBreakers.admits(stepKey)) {
        this.#queue.remove(waiting);
        this.#hold(place);
        continue;
      }
      this.#queue.take(waiting);
      this.fleet.reserveAt(agentId, capability);
      this.#begin(agentId, capability, stepKey);
      if (this.#listener.bind(place.waiter, this.#bindingAt(agentId))) {
        this.#listener.waited(capability, this.#clock.monotonic() - place.sinceMs);
        continue;
      }
      this.#putBack(agentId, capability, stepKey);
      this.#letGo(stepKey);
    }
  }

  /** Those that were held may go: one while its breaker is half-open, all when it has closed. */
  #letGo(stepKey: string): void {
    for (let place = this.stepBreakers.next(stepKey); place; place = this.stepBreakers.next(stepKey)) {
      const { waiter } = place;
      const binding = this.#take(waiter.capability, stepKey);
      if (!binding) {
        this.#queueUp(place);
        if (!this.stepBreakers.isClosed(stepKey)) return;
      } else if (!this.#listener.bind(waiter, binding))
        this.#putBack(binding.agentId, waiter.capability, stepKey);
    }
  }

  #take(capability: string, stepKey: string | undefined): Binding | undefined {
    if (this.#queue.size > 0 && this.#queue.oldestAmong([capability])) return undefined;
    const passedOver = this.agentBreakers.passedOver(capability);
    const agentId = this.fleet.reserve(capability, this.#random, passedOver);
    if (agentId === undefined) return undefined;
    this.#begin(agentId, capability, stepKey);
    return this.#bindingAt(agentId);
  }

  #breakerChanged(breaker: NamedBreaker, cause: BreakerCause): void {
    this.#listener.breakerChanged({ ...cause, breaker: shown(breaker), timeMs: this.#clock.now() });
  }

  #begin(agentId: string, capability: string, stepKey: string | undefined): void {
    this.agentBreakers.begin(agentId, capability);
    if (stepKey !== undefined) this.stepBreakers.begin(stepKey);
  }

  #free(slot: Slot): void {
    if (!this.#isSameLife(slot)) return;
    this.fleet.release(slot.agentId, slot.capability);
    this.serve(slot.agentId);
  }

  /** A new process has taken no reservation over from the one before it. */
  #isSameLife({ agentId, incarnation }: Binding): boolean {
    return this.#listener.incarnationOf(agentId) === incarnation;
  }

  #putBack(agentId: string, capability: string, stepKey: string | undefined): void {
    this.agentBreakers.giveBack(agentId, capability);
    if (stepKey !== undefined) this.stepBreakers.giveBack(stepKey);
    this.fleet.release(agentId, capability);
  }

  #hold(place: Place): void {
    place.isHeld = true;
    place.entry = this.stepBreakers.hold(place.waiter.stepKey, place);
  }

  #queueUp(place: Place): void {
    const { capability, executionId } = place.waiter;
    const result = this.#queue.enqueue(capability, place, executionId);
    if (result.kind === "full") throw new Error(`more than ${result.entriesMax} steps wait`);
    place.isHeld = false;
    place.entry = result.entry;
    this.waits.lineChanged(capability);
  }

  #sharedAgents(capability: string): readonly string[] {
    const passedOver = this.agentBreakers.passedOver(capability);
    return this.#listener.sharedAgents(capability).filter((agentId) => !passedOver?.has(agentId));
  }

  #bindingAt(agentId: string): Binding {
    return { agentId, incarnation: this.#listener.incarnationOf(agentId) ?? "" };
  }
}
