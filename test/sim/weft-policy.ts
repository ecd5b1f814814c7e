import { Fleet, WaitingQueue } from "@weft/balancer";
import { Agent, type AgentPlan, type Call } from "./agent.ts";
import type { Mesh } from "./push-policies.ts";
import type { Timeline } from "./timeline.ts";

/** What of the balancer is used; all of it but where its worth is to be shown. */
export type WeftOptions = {
  /** The calls that the fleet is told the end of. */
  readonly learns: "everything" | "successes" | "nothing";
  /** Whether slots rest after a failure for as long as the fleet asks. */
  readonly rests: boolean;
  /** Whether executions take turns, or calls wait in order of arrival. */
  readonly takesTurns: boolean;
  /** Whether agents offer a slot that is free to the orchestrator whose calls have waited longest. */
  readonly offers: boolean;
};

/** How soon the others hear that an agent's load has changed. */
const reportMs = 20;
/** How soon agents hear of changes in what waits, at how many of them an orchestrator says so, and for how long. */
const waitMs = 20;
const waitsMax = 8;
const rotateMs = 1_000;
const capability = "work";
const stepType = "step";
const waitingMax = 1_000_000;

/** The orchestrators' part: the real fleet and queue, driven as the dispatcher drives them. */
type Orchestrator = {
  readonly index: number;
  readonly fleet: Fleet;
  readonly queue: WaitingQueue<Call>;
  /** Where it has said that calls wait. */
  waitsAt: readonly Agent[];
  rotateAtMs: number;
  isTelling: boolean;
};

export class Weft implements Mesh {
  readonly #options: WeftOptions;
  readonly #timeline: Timeline;
  readonly #random: () => number;
  readonly #agents = new Map<string, Agent>();
  readonly #orchestrators: readonly Orchestrator[];
  readonly #reporting = new Set<Agent>();

  constructor(
    plans: readonly AgentPlan[],
    orchestrators: number,
    timeline: Timeline,
    random: () => number,
    options: WeftOptions,
  ) {
    this.#options = options;
    this.#timeline = timeline;
    this.#random = random;
    for (const [place, plan] of plans.entries())
      this.#agents.set(`agent-${place}`, new Agent(`agent-${place}`, plan, timeline));
    this.#orchestrators = Array.from({ length: orchestrators }, (_, index) => ({
      index,
      fleet: this.#fleet(),
      queue: new WaitingQueue<Call>(waitingMax),
      waitsAt: [],
      rotateAtMs: 0,
      isTelling: false,
    }));
  }

  arrive(call: Call): void {
    const orchestrator = this.#orchestrators[call.orchestrator]!;
    if (orchestrator.queue.size > 0) this.#enqueue(orchestrator, call);
    else this.#dispatch(orchestrator, call);
  }

  #fleet(): Fleet {
    const fleet = new Fleet();
    for (const { id, plan } of this.#agents.values()) {
      fleet.upsert({ id, slots: plan.slots, capabilities: [{ name: capability, concurrencyMax: 0 }] });
      fleet.setEligible(id, true);
    }
    return fleet;
  }

  #dispatch(orchestrator: Orchestrator, call: Call): void {
    const agentId = orchestrator.fleet.reserve(capability, this.#random);
    if (agentId === undefined) this.#enqueue(orchestrator, call);
    else this.#send(orchestrator, this.#agents.get(agentId)!, call);
  }

  #enqueue(orchestrator: Orchestrator, call: Call): void {
    const { queue } = orchestrator;
    const executionId = this.#options.takesTurns ? call.executionId : undefined;
    if (queue.enqueue(capability, call, executionId).kind === "full") throw new Error("too many calls wait");
    this.#tell(orchestrator);
  }

  /** Gathers what changes in the queue, then says it to a few agents. */
  #tell(orchestrator: Orchestrator): void {
    if (!this.#options.offers || this.#orchestrators.length === 1 || orchestrator.isTelling) return;
    orchestrator.isTelling = true;
    this.#timeline.after(waitMs, () => {
      orchestrator.isTelling = false;
      const { queue, index, waitsAt } = orchestrator;
      const oldest = queue.oldestAmong([capability]);
      orchestrator.waitsAt = oldest ? this.#placesFor(orchestrator) : [];
      for (const agent of new Set([...waitsAt, ...orchestrator.waitsAt])) {
        const calls = orchestrator.waitsAt.includes(agent) ? queue.size : 0;
        agent.wait(index, oldest?.value.arrivedMs ?? 0, Math.min(calls, agent.plan.slots));
        this.#offer(agent);
      }
    });
  }

  /** Other agents from time to time: who said so where others wait too would stay behind for ever. */
  #placesFor(orchestrator: Orchestrator): readonly Agent[] {
    const { nowMs } = this.#timeline;
    if (orchestrator.waitsAt.length > 0 && nowMs < orchestrator.rotateAtMs) return orchestrator.waitsAt;
    orchestrator.rotateAtMs = nowMs + rotateMs;
    const agents = [...this.#agents.values()];
    for (let place = 0; place < waitsMax; place++) {
      const other = place + Math.floor(this.#random() * (agents.length - place));
      [agents[place], agents[other]] = [agents[other]!, agents[place]!];
    }
    return agents.slice(0, waitsMax);
  }

  /** An offer is a report to one orchestrator: to the others the slot is taken. */
  #offer(agent: Agent): void {
    for (const index of agent.offer(() => this.#offer(agent))) {
      const orchestrator = this.#orchestrators[index]!;
      orchestrator.fleet.setBusyElsewhere(agent.id, agent.busyElsewhere(index));
      this.#serve(orchestrator, agent);
    }
    this.#report(agent);
  }

  #send(orchestrator: Orchestrator, agent: Agent, call: Call): void {
    const { fleet, index } = orchestrator;
    if (agent.isFullFor(index)) {
      fleet.release(agent.id, capability);
      fleet.setBusyElsewhere(agent.id, agent.busyElsewhere(index));
      return this.#dispatch(orchestrator, call);
    }
    agent.start(call, () => this.#ended(orchestrator, agent, call));
    this.#report(agent);
  }

  #ended(orchestrator: Orchestrator, agent: Agent, call: Call): void {
    const { fleet, index } = orchestrator;
    const { hasFailed: isFailure, tookMs: latencyMs } = call;
    const { learns, rests } = this.#options;
    const isTold = learns === "everything" || (learns === "successes" && !isFailure);
    const restMs = isTold ? fleet.completed(agent.id, capability, stepType, { latencyMs, isFailure }) : 0;
    if (this.#options.offers) {
      this.#offer(agent);
      fleet.setBusyElsewhere(agent.id, agent.busyElsewhere(index));
    }
    const release = (): void => {
      fleet.release(agent.id, capability);
      this.#serve(orchestrator, agent);
    };
    if (rests && restMs > 0) this.#timeline.after(restMs, release);
    else release();
    this.#report(agent);
  }

  #serve(orchestrator: Orchestrator, agent: Agent): void {
    const { queue, fleet } = orchestrator;
    while (queue.size > 0) {
      const waiting = queue.oldestAmong(fleet.openCapabilities(agent.id));
      if (!waiting) return;
      queue.take(waiting);
      this.#tell(orchestrator);
      fleet.reserveAt(agent.id, capability);
      this.#send(orchestrator, agent, waiting.value);
    }
  }

  /** One report tells all that has changed until it arrives. */
  #report(agent: Agent): void {
    if (this.#orchestrators.length === 1 || this.#reporting.has(agent)) return;
    this.#reporting.add(agent);
    this.#timeline.after(reportMs, () => {
      this.#reporting.delete(agent);
      for (const orchestrator of this.#orchestrators) {
        orchestrator.fleet.setBusyElsewhere(agent.id, agent.busyElsewhere(orchestrator.index));
        this.#serve(orchestrator, agent);
      }
    });
  }
}
