import type { ShardLog } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { Clock } from "@weft/runtime/clock";
import type { CloudEvent, EventSubscriber } from "@weft/runtime/event-bus";
import type { Logger } from "@weft/runtime/logger";
import type { EventFeed, FeedSink } from "../app/ports.ts";
import type { DependencyObservation, Observation } from "../core/observation.ts";
import {
  type AgentReader,
  agentsOf,
  type BreakerReader,
  FleetView,
  openBreakers,
} from "./event-feed-fleet.ts";
import { type KnownLogs, type LogReader, ShardLogs } from "./event-feed-logs.ts";
import { heardOfSystem } from "./event-feed-observations.ts";
import { type Pause, Repeated } from "./repeated.ts";

export type EventFeedOptions = {
  readonly orchestrator: LogReader & BreakerReader;
  readonly registry: AgentReader;
  /** Undefined: there is no bus, and the log alone is read. */
  readonly subscriber?: EventSubscriber | undefined;
  /** Whether the bus is NATS, which rules may want to know of. */
  readonly isNats?: boolean;
  readonly knownLogs: KnownLogs;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Of the consumer, over all its lives. */
const consumerName = "weft-alert-manager";
/** Between two looks at the log while the bus brings everything; for what it may have lost without a sign. */
const healthyMs = 30_000;
/** The same while it does not: the log is what events come from. */
const withoutBusMs = 1_000;

/**
 * Facts for rules: from the event bus while there is one, from the log where it has lost some or is gone.
 *
 * One thing at a time goes to the sink: what the bus brings, and what a look at the log finds, take turns.
 */
export function createEventFeed(options: EventFeedOptions): EventFeed {
  let running: Running | undefined;
  return {
    async start(positions, sink) {
      running = new Running(options, positions, sink);
    },
    async stop() {
      await running?.stop();
    },
  };
}

type Dependency = DependencyObservation["name"];

class Running {
  readonly #options: EventFeedOptions;
  readonly #sink: FeedSink;
  readonly #logs: ShardLogs;
  readonly #fleet = new FleetView();
  readonly #reachable = new Map<Dependency, boolean>();
  readonly #subscription: { close(): Promise<void> } | undefined;
  readonly #stopping = new AbortController();
  readonly #logLooks: Repeated;
  readonly #agentLooks: Repeated;
  #turn: Promise<unknown> = Promise.resolve();
  #isBusHealthy = false;

  constructor(options: EventFeedOptions, positions: ReadonlyMap<number, number>, sink: FeedSink) {
    const { orchestrator, knownLogs, subscriber, clock } = options;
    this.#options = options;
    this.#sink = sink;
    this.#logs = new ShardLogs(
      positions,
      { reader: orchestrator, known: knownLogs, sink },
      this.#stopping.signal,
    );
    this.#logLooks = new Repeated(
      clock,
      () => this.#try("orchestrator", () => this.#lookAtLogs()),
      () => this.#pauseAfter(this.#logs.isBehind),
    );
    // Beside each other: a registry that has just started takes its time to say who is there.
    this.#agentLooks = new Repeated(
      clock,
      () => this.#try("registry", () => this.#lookAtAgents()),
      () => this.#pauseAfter(this.#reachable.get("registry") === false),
    );
    // Before the first look has read anything: what comes meanwhile is then behind it, and not between.
    this.#subscription = subscriber?.subscribe(consumerName, {
      deliver: (events) => this.#inTurn(() => this.#hear(events)),
      connected: (isConnected, reason) => this.#busChanged(isConnected, reason),
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#subscription?.close();
    await Promise.all([this.#logLooks.stop(), this.#agentLooks.stop()]);
  }

  /** While something is behind, each look would find the same: whoever is asked is given a moment. */
  #pauseAfter(isBehind: boolean): Pause {
    const isQuiet = this.#isBusHealthy && !isBehind;
    return { delayMs: isQuiet ? healthyMs : withoutBusMs, mayBeCut: isQuiet };
  }

  async #hear(events: readonly CloudEvent[]): Promise<void> {
    if (await this.#logs.hear(events)) this.#logLooks.soon();
    const heard = events.flatMap((event) => heardOfSystem(event) ?? []);
    await this.#observe(heard.filter((observation) => this.#fleet.isNews(observation)));
  }

  #busChanged(isConnected: boolean, reason: string): void {
    const { isNats = false, logger } = this.#options;
    // One that was never there is no news: the log was read from the beginning.
    if (this.#isBusHealthy && !isConnected)
      logger.warn({ reason }, "the event bus is silent: events are read from the log");
    this.#isBusHealthy = isConnected;
    this.#logLooks.soon();
    this.#agentLooks.soon();
    if (isNats)
      this.#reached("nats", isConnected, reason).catch((err: unknown) =>
        logger.error({ err }, "whether NATS is reachable could not be noted"),
      );
  }

  async #lookAtLogs(): Promise<void> {
    const { orchestrator, clock } = this.#options;
    const shards = await this.#inTurn(() => this.#logs.reconcile());
    const outboxes = shards.flatMap((shard) => outboxOf(shard, clock.now()) ?? []);
    const open = await openBreakers(orchestrator, this.#logs.namespaces, clock.now(), this.#stopping.signal);
    await this.#inTurn(() => this.#observe([...outboxes, ...this.#fleet.breakersNow(open, clock.now())]));
  }

  async #lookAtAgents(): Promise<void> {
    const { registry, clock } = this.#options;
    const agents = await agentsOf(registry, clock.now(), this.#stopping.signal);
    await this.#inTurn(() => this.#observe(this.#fleet.agentsNow(agents, clock.now())));
  }

  async #try(name: Dependency, look: () => Promise<void>): Promise<void> {
    const { logger } = this.#options;
    let reason = "";
    try {
      await look();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      reason = error instanceof Error ? error.message : String(error);
      logger.debug({ name, reason }, "a look for facts failed");
    }
    await this.#reached(name, reason === "", reason).catch((err: unknown) =>
      logger.error({ err }, "facts could not be taken in; trying again"),
    );
  }

  #reached(name: Dependency, reachable: boolean, reason: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#reachable.get(name) === reachable) return;
      const timeMs = this.#options.clock.now();
      await this.#observe([{ kind: "dependency", timeMs, name, reachable, ...(reason && { reason }) }]);
      this.#reachable.set(name, reachable);
    });
  }

  async #observe(observations: readonly Observation[]): Promise<void> {
    if (observations.length > 0)
      await this.#sink.observe(observations.map((observation) => ({ observation })));
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(run);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

/** Undefined where no bus is configured. */
function outboxOf({ shard, relay }: ShardLog, timeMs: number): Observation | undefined {
  if (!relay) return undefined;
  const lagMs = Number(relay.lag?.seconds ?? 0n) * 1_000 + (relay.lag?.nanos ?? 0) / 1_000_000;
  return { kind: "outbox", timeMs, shard, lagEvents: Number(relay.lagEvents), lagMs };
}
