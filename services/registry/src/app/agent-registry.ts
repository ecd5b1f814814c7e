import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Logger } from "@weft/runtime/logger";
import { type Agent, isDraining, type LiveAgent } from "../core/agent.ts";
import { checkRegistration } from "../core/check-registration.ts";
import { decide } from "../core/decide.ts";
import type { Event } from "../core/event.ts";
import { evolve } from "../core/evolve.ts";
import { refuseOlder, refuseOther } from "../core/incarnation.ts";
import type { Input } from "../core/input.ts";
import type { Limits } from "../core/limits.ts";
import { quoted } from "../core/quoted.ts";
import type { Registration } from "../core/registration.ts";
import { type Rejection, rejection } from "../core/rejection.ts";
import type { Rules } from "../core/rules.ts";
import type { LiveFigures } from "../metrics.ts";
import { type AgentPage, agentPage, type PageRequest } from "./agent-page.ts";
import type { AgentStream, Attachment, Load, Standing } from "./attachment.ts";
import type { Change } from "./change-log.ts";
import { FanOut, type Watch, type WatchRequest } from "./fan-out.ts";
import { Leases } from "./leases.ts";
import { Prober, type ProberOptions } from "./prober.ts";
import { Resolver } from "./resolver.ts";
import { Silence } from "./silence.ts";
import { Streams } from "./streams.ts";
import type { WatchReader } from "./watcher.ts";

export type AgentRegistryOptions = {
  /** New at every start, so that readers know when revisions begin anew. */
  readonly incarnation: string;
  readonly rules: Rules;
  /** How agents are probed, where the rules say that they are. */
  readonly prober?: ProberOptions;
  readonly limits: Limits;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  /** Hears each change of a record, in order. It must neither throw nor call the registry. */
  readonly changed?: (change: Change) => void;
  /** Hears of every event, after it has taken effect. */
  readonly onEvent?: ((agent: Agent, event: Event) => void) | undefined;
};

/**
 * Who can do what, is it alive, and how many slots are free: in memory, for one replica. It owns the agents'
 * records; streams, leases, probes and readers have their own owners.
 *
 * 1. A record changes by `decide` and `evolve` only, and a record of state GONE is not kept.
 * 2. Every live agent has a lease, is probed, and is known to the resolver.
 * 3. Records and readers are up to date before a stream is ended: what its end sets off finds them so.
 */
export class AgentRegistry {
  readonly incarnation: string;
  readonly leaseMs: number;
  readonly resolver: Resolver;
  readonly #prober: Prober | undefined;
  readonly #options: AgentRegistryOptions;
  readonly #agents = new Map<string, LiveAgent>();
  readonly #streams = new Streams();
  readonly #silence: Silence;
  readonly #leases: Leases;
  readonly #fanOut: FanOut;
  #isWarming = true;
  readonly #cancelWarming: CancelTimer;
  /** Undefined: agents have come or gone since it was sorted. */
  #sortedIds: readonly string[] | undefined;

  constructor(options: AgentRegistryOptions) {
    const { clock, rules, prober, limits } = options;
    const { leaseMs } = rules;
    this.#options = options;
    this.incarnation = options.incarnation;
    this.leaseMs = leaseMs;
    this.#silence = new Silence(leaseMs, this.#agents, options.logger);
    this.#leases = new Leases(clock, leaseMs, (agentId, at) =>
      this.#apply(agentId, { kind: "lease.ended", at, massSilence: this.#silence.isMass(at) }),
    );
    this.#prober =
      prober &&
      new Prober(clock, prober, (agentId, incarnation, probe) =>
        this.#apply(agentId, { kind: "agent.probed", incarnation, probe }),
      );
    const isWarming = (): boolean => this.#isWarming;
    this.#fanOut = new FanOut(clock, limits, isWarming);
    this.resolver = new Resolver(clock, options.random, isWarming);
    // The timer alone says when: it may fire a little early, and what it announces must be so.
    this.#cancelWarming = clock.after(leaseMs, () => {
      this.#isWarming = false;
      this.#fanOut.announce();
    });
  }

  /** Registers an agent that holds a stream. */
  attach(registration: Registration, stream: AgentStream): Attachment | Rejection {
    const refusal = this.#refusal(registration);
    if (refusal) return refusal;
    const { agentId } = registration;
    const attach = this.#hear(registration, stream);
    const leave = (kind: "stream.ended" | "stream.lost"): void => {
      this.#streams.drop(attach);
      this.#apply(agentId, { kind, attach });
    };
    return {
      ...this.#standing(agentId),
      beat: (load) => (this.#beat(agentId, attach, load) ? this.#standing(agentId) : undefined),
      end: () => leave("stream.ended"),
      lose: () => leave("stream.lost"),
    };
  }

  /** Registers an agent that holds no stream. */
  register(registration: Registration): Standing | Rejection {
    const refusal = this.#refusal(registration);
    if (refusal) return refusal;
    this.#hear(registration);
    return this.#standing(registration.agentId);
  }

  /** A heartbeat in a call of its own. An agent whose stream was lost is heard again by it. */
  heartbeat(agentId: string, incarnation: string, load: Load): Standing | Rejection {
    const agent = this.#agents.get(agentId);
    if (!agent)
      return rejection("NOT_REGISTERED", `agent ${quoted(agentId)} is not registered; register again`);
    const refusal = refuseOther(agent, incarnation);
    if (refusal) return refusal;
    this.#beat(agentId, agent.attach ?? this.#hear(agent.registration), load);
    return this.#standing(agentId);
  }

  /** The agent leaves. Changes nothing when another incarnation, or none, is registered. */
  deregister(agentId: string, incarnation: string): void {
    this.#apply(agentId, { kind: "agent.leaves", incarnation });
  }

  /** Has an agent finish its work and take no more; the incarnation may be left open. */
  drain(agentId: string, incarnation: string | undefined): LiveAgent | Rejection {
    const agent = this.#agents.get(agentId);
    const refusal = agent && incarnation !== undefined ? refuseOther(agent, incarnation) : undefined;
    if (refusal) return refusal;
    this.#apply(agentId, { kind: "agent.drains" });
    return this.get(agentId);
  }

  /** An agent that is not gone. */
  get(agentId: string): LiveAgent | Rejection {
    return this.#agents.get(agentId) ?? agentNotFound(agentId);
  }

  /** A page of the live agents. */
  list(request: PageRequest): AgentPage {
    this.#sortedIds ??= [...this.#agents.keys()].sort();
    return agentPage(this.#agents, this.#sortedIds, request);
  }

  /** Writes a snapshot to the reader, or what it missed since a revision of this registry, then every change. */
  watch(request: WatchRequest, reader: WatchReader): Watch | Rejection {
    return this.#fanOut.watch(request, reader, this.#agents.values());
  }

  /** What metrics show of it now. */
  figures(): LiveFigures {
    return {
      agents: this.#agents.values(),
      watchers: this.#fanOut.watchers,
      isWarming: this.#isWarming,
    };
  }

  /** Ends every stream, so that agents and readers look for another registry at once. */
  stop(): void {
    const stopping = rejection("STOPPING", "this registry is stopping; connect again");
    this.#cancelWarming();
    this.#leases.stop();
    this.#prober?.stop();
    this.resolver.stop();
    this.#fanOut.stop(stopping);
    this.#streams.stop(stopping);
  }

  /** The number of a new attach, by a stream or without one. */
  #hear(registration: Registration, stream?: AgentStream): number {
    const attach = this.#streams.add(stream);
    const at = this.#now();
    this.#apply(registration.agentId, { kind: "agent.attaches", attach, registration, at });
    return attach;
  }

  #beat(agentId: string, attach: number, load: Load): boolean {
    return this.#apply(agentId, { kind: "agent.beats", attach, ...load, at: this.#now() });
  }

  #standing(agentId: string): Standing {
    const agent = this.#agents.get(agentId);
    return { draining: agent !== undefined && isDraining(agent) };
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }

  #refusal(registration: Registration): Rejection | undefined {
    const problems = checkRegistration(registration);
    if (problems.length > 0) {
      const count = problems.length === 1 ? "a mistake" : `${problems.length} mistakes`;
      return rejection("REGISTRATION_INVALID", `the registration has ${count}`, { problems });
    }
    const known = this.#agents.get(registration.agentId);
    if (known) return refuseOlder(known, registration);
    const { agentsMax } = this.#options.limits;
    if (this.#agents.size < agentsMax) return undefined;
    return rejection("TOO_MANY_AGENTS", `${agentsMax} agents are registered already`);
  }

  /** False: the input changed nothing. */
  #apply(agentId: string, input: Input): boolean {
    const events = decide(this.#agents.get(agentId), input, this.#options.rules);
    const changes: Change[] = [];
    let agent: Agent | undefined = this.#agents.get(agentId);
    for (const event of events) {
      const before: Agent | undefined = agent;
      agent = evolve(before, event);
      if (shows(event))
        changes.push({ before, after: agent, ...("cause" in event && { cause: event.cause }) });
    }
    if (!agent || events.length === 0) return false;
    this.#record(agentId, agent);
    if (changes.length > 0) this.#fanOut.publish(changes, events.some(isUrgent));
    for (const change of changes) this.#options.changed?.(change);
    for (const event of events) this.#follow(agent, event);
    return true;
  }

  #record(agentId: string, agent: Agent): void {
    this.resolver.changed(agent);
    if (agent.state === "GONE") {
      this.#agents.delete(agentId);
      this.#leases.drop(agentId);
      this.#prober?.drop(agentId);
      this.#sortedIds = undefined;
      return;
    }
    const before = this.#agents.get(agentId);
    if (!before) this.#sortedIds = undefined;
    this.#agents.set(agentId, agent);
    if (agent.leaseEndsAt !== before?.leaseEndsAt) this.#leases.renew(agentId, agent.leaseEndsAt);
    this.#prober?.add(agentId, agent.registration.incarnation, agent.registration.address);
  }

  #follow(agent: Agent, event: Event): void {
    if (isUrgent(event)) {
      const { agentId } = agent.registration;
      this.#options.logger.info({ agentId, ...("cause" in event && { cause: event.cause }) }, event.kind);
    }
    this.#streams.follow(agent, event);
    this.#options.onEvent?.(agent, event);
  }
}

function agentNotFound(agentId: string): Rejection {
  return rejection("AGENT_NOT_FOUND", `there is no agent ${quoted(agentId)}, or it is gone`);
}

/** What readers do not see. */
const unshown: ReadonlySet<Event["kind"]> = new Set([
  "agent.lease_renewed",
  "agent.lease_extended",
  "agent.loop_lag_changed",
  "agent.probed",
  "attach.ended",
]);

function shows({ kind }: Event): boolean {
  return !unshown.has(kind);
}

/** Whether readers should not wait for it. */
function isUrgent(event: Event): boolean {
  return shows(event) && event.kind !== "agent.free_slots_changed";
}
