import type { Fleet } from "@weft/balancer";
import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Failure } from "../core/failure.ts";
import type { Json } from "../core/json.ts";
import type {
  AgentConnector,
  AgentDirectory,
  AgentLoad,
  AgentRecord,
  AgentRejection,
  AgentSession,
  SessionListener,
  Welcome,
} from "./agents.ts";

/** What the pool tells the dispatcher. */
export type PoolListener = {
  believedInFlight(agentId: string): readonly string[];
  /** A session has opened: settle what each side believes. */
  reconcile(agentId: string, welcome: Welcome): void;
  /** Slots may have become free. */
  available(agentId: string): void;
  /** Whether it takes work, and has other orchestrators too. */
  sharingChanged(agentId: string, isShared: boolean): void;
  /** The process is gone, and with it what ran there. */
  lost(agentId: string, reason: string): void;
  succeeded(agentId: string, dispatchId: string, output: Json): void;
  failed(agentId: string, dispatchId: string, failure: Failure): void;
  deferred(agentId: string, dispatchId: string): void;
  rejected(agentId: string, dispatchId: string, rejection: AgentRejection): void;
  progressed(dispatchId: string, fraction: number, message: string): void;
};

export type PoolOptions = {
  readonly fleet: Fleet;
  readonly directory: AgentDirectory;
  readonly connector: AgentConnector;
  readonly clock: Clock;
  /** How long a disconnected agent may take to come back before its work goes elsewhere. */
  readonly reattachGraceMs: number;
};

type Agent = {
  record: AgentRecord;
  readonly session: AgentSession;
  isConnected: boolean;
  /** Its session is open and nothing comes. */
  isSilent: boolean;
  /** It said so itself, before the registry did. */
  isDraining: boolean;
  /** The registry has given it up; its session may still be open. */
  isGone: boolean;
  otherOrchestrators: number;
  grace: CancelTimer | undefined;
};

/**
 * The agents that are known, each with its session.
 *
 * 1. An agent is eligible in the fleet exactly while its session is open and alive, the registry calls it
 *    ready and it is not draining.
 * 2. Work at an agent is given up when its session has been down for the grace, at once when the registry
 *    has given it up too, and at once when a new incarnation appears.
 */
export class AgentPool {
  readonly #options: PoolOptions;
  readonly #listener: PoolListener;
  readonly #agents = new Map<string, Agent>();
  /** Agents that hold work according to the log and have not been seen since the start. */
  readonly #awaited = new Map<string, CancelTimer>();
  #stopWatching: () => void = () => {};

  constructor(options: PoolOptions, listener: PoolListener) {
    this.#options = options;
    this.#listener = listener;
  }

  start(): void {
    this.#stopWatching = this.#options.directory.watch({
      changed: (record) => this.#changed(record),
      gone: (agentId) => this.#gone(agentId),
    });
  }

  stop(): void {
    this.#stopWatching();
    for (const agent of this.#agents.values()) {
      agent.grace?.();
      agent.session.close();
    }
    for (const cancel of this.#awaited.values()) cancel();
    this.#agents.clear();
    this.#awaited.clear();
  }

  /** Gives an agent that holds work from before a restart the time to appear. */
  expect(agentId: string, graceMs: number): void {
    if (this.#awaited.has(agentId) || this.#agents.has(agentId)) return;
    const giveUp = (): void => {
      this.#awaited.delete(agentId);
      this.#listener.lost(agentId, "it did not come back after a restart of the orchestrator");
    };
    this.#awaited.set(agentId, this.#options.clock.after(graceMs, giveUp));
  }

  incarnationOf(agentId: string): string | undefined {
    return this.#agents.get(agentId)?.record.incarnation;
  }

  /** Its session is open; the agent may be frozen all the same. */
  isConnected(agentId: string): boolean {
    return this.#agents.get(agentId)?.isConnected ?? false;
  }

  /** Its session is open, and it is heard of. */
  isReachable(agentId: string): boolean {
    const agent = this.#agents.get(agentId);
    return agent ? agent.isConnected && !agent.isSilent : false;
  }

  /** The session to write to; undefined when the agent is gone, replaced, or past its grace. */
  sessionOf(agentId: string, incarnation?: string): AgentSession | undefined {
    const agent = this.#agents.get(agentId);
    if (!agent || (incarnation !== undefined && agent.record.incarnation !== incarnation)) return undefined;
    return agent.isConnected || agent.grace ? agent.session : undefined;
  }

  /** Agents that take work of the capability and have other orchestrators too. */
  sharedAgents(capability: string): readonly string[] {
    const offers = ({ record }: Agent): boolean =>
      record.capabilities.some(({ name }) => name === capability);
    return [...this.#agents.values()]
      .filter((agent) => isShared(agent) && offers(agent))
      .map(({ record }) => record.agentId);
  }

  #changed(record: AgentRecord): void {
    const known = this.#agents.get(record.agentId);
    if (known && known.record.incarnation === record.incarnation && known.record.address === record.address) {
      known.record = record;
      known.isGone = false;
    } else {
      if (known) this.#remove(record.agentId, known, "a new process has taken its place");
      this.#add(record);
    }
    this.#options.fleet.upsert(offerOf(record));
    this.#refresh(record.agentId);
  }

  #add(record: AgentRecord): void {
    const { agentId } = record;
    const session = this.#options.connector.connect(
      record,
      this.#sessionListener(agentId, () => agent),
    );
    const agent: Agent = {
      record,
      session,
      isConnected: false,
      isSilent: false,
      isDraining: false,
      isGone: false,
      otherOrchestrators: 0,
      grace: undefined,
    };
    this.#agents.set(agentId, agent);
    this.#startGrace(agentId, agent);
    this.#awaited.get(agentId)?.();
    this.#awaited.delete(agentId);
  }

  #gone(agentId: string): void {
    const agent = this.#agents.get(agentId);
    if (!agent) return;
    agent.isGone = true;
    if (agent.isConnected && !agent.isSilent) this.#refresh(agentId);
    else this.#remove(agentId, agent, "its lease has ended");
  }

  #remove(agentId: string, agent: Agent, reason: string): void {
    agent.grace?.();
    agent.session.close();
    this.#agents.delete(agentId);
    this.#options.fleet.remove(agentId);
    this.#listener.sharingChanged(agentId, false);
    this.#listener.lost(agentId, reason);
  }

  #startGrace(agentId: string, agent: Agent): void {
    agent.grace?.();
    agent.grace = this.#options.clock.after(this.#options.reattachGraceMs, () => {
      agent.grace = undefined;
      this.#listener.lost(agentId, "its session was cut and did not come back");
    });
  }

  #refresh(agentId: string): void {
    const agent = this.#agents.get(agentId);
    if (!agent) return;
    const eligible = isEligible(agent);
    this.#options.fleet.setEligible(agentId, eligible);
    this.#listener.sharingChanged(agentId, isShared(agent));
    if (eligible) this.#listener.available(agentId);
  }

  #sessionListener(agentId: string, agentOf: () => Agent): SessionListener {
    const listener = this.#listener;
    return {
      believedInFlight: () => listener.believedInFlight(agentId),
      connected: (welcome) => this.#connected(agentId, agentOf(), welcome),
      disconnected: () => this.#disconnected(agentId, agentOf()),
      silenceChanged: (isSilent) => this.#silenceChanged(agentId, agentOf(), isSilent),
      succeeded: (dispatchId, output) => listener.succeeded(agentId, dispatchId, output),
      failed: (dispatchId, failure) => listener.failed(agentId, dispatchId, failure),
      deferred: (dispatchId) => listener.deferred(agentId, dispatchId),
      rejected: (dispatchId, rejection) => this.#rejected(agentId, agentOf(), dispatchId, rejection),
      progressed: (dispatchId, fraction, message) => listener.progressed(dispatchId, fraction, message),
      loadChanged: (load) => this.#loadChanged(agentId, agentOf(), load),
      draining: () => {
        agentOf().isDraining = true;
        this.#refresh(agentId);
      },
    };
  }

  #connected(agentId: string, agent: Agent, welcome: Welcome): void {
    if (welcome.incarnation !== agent.record.incarnation) {
      // Its new record is on the way; until then there is nothing to be had here.
      this.#listener.lost(agentId, "a new process answers at its address");
      return;
    }
    agent.grace?.();
    agent.grace = undefined;
    agent.isConnected = true;
    this.#listener.reconcile(agentId, welcome);
    this.#loadChanged(agentId, agent, welcome);
    this.#refresh(agentId);
  }

  #disconnected(agentId: string, agent: Agent): void {
    if (!agent.isConnected) return;
    agent.isConnected = false;
    agent.isSilent = false;
    agent.isDraining = false;
    if (agent.isGone) return this.#remove(agentId, agent, "its session ended after its lease");
    this.#refresh(agentId);
    this.#startGrace(agentId, agent);
  }

  /** Its work is given up only when its lease has ended too: a handler that computes is not dead. */
  #silenceChanged(agentId: string, agent: Agent, isSilent: boolean): void {
    agent.isSilent = isSilent;
    if (isSilent && agent.isGone) this.#remove(agentId, agent, "it was silent beyond its lease");
    else this.#refresh(agentId);
  }

  #rejected(agentId: string, agent: Agent, dispatchId: string, rejection: AgentRejection): void {
    if (rejection.reason === "DRAINING") agent.isDraining = true;
    this.#options.fleet.setBusyElsewhere(agentId, rejection.busyElsewhere);
    this.#refresh(agentId);
    this.#listener.rejected(agentId, dispatchId, rejection);
  }

  #loadChanged(agentId: string, agent: Agent, load: AgentLoad): void {
    const { slots, busyElsewhere, otherOrchestrators } = load;
    agent.record = { ...agent.record, slots };
    agent.otherOrchestrators = otherOrchestrators;
    this.#listener.sharingChanged(agentId, isShared(agent));
    this.#options.fleet.upsert(offerOf(agent.record));
    this.#options.fleet.setBusyElsewhere(agentId, busyElsewhere);
    this.#listener.available(agentId);
  }
}

function isEligible({ isConnected, isSilent, isDraining, isGone, record }: Agent): boolean {
  return isConnected && !isSilent && record.ready && !isDraining && !isGone;
}

function isShared(agent: Agent): boolean {
  return agent.otherOrchestrators > 0 && isEligible(agent);
}

function offerOf({ agentId, slots, capabilities }: AgentRecord): Parameters<Fleet["upsert"]>[0] {
  return {
    id: agentId,
    slots,
    capabilities: capabilities.map(({ name, maxConcurrency }) => ({ name, concurrencyMax: maxConcurrency })),
  };
}
