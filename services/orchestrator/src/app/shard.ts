import type { Clock } from "@weft/runtime/clock";
import type { EventPublisher } from "@weft/runtime/event-bus";
import type { SpanSink } from "@weft/runtime/finished-span";
import type { Logger } from "@weft/runtime/logger";
import { loopUse } from "@weft/runtime/loop-use";
import type { DefinitionLimits, ExecutionLimits } from "../core/limits.ts";
import type { OrchestratorMetrics, RelayOutcome } from "../metrics.ts";
import { Admission, type Room } from "./admission.ts";
import type { AgentConnector, AgentDirectory } from "./agents.ts";
import { type BreakerChange, BreakerChanges } from "./breaker-changes.ts";
import { logBreakers } from "./breaker-log.ts";
import { CircuitBreakers } from "./circuit-breakers.ts";
import type { TextCheck } from "./definition-source.ts";
import { Engine, type Quarantine } from "./engine.ts";
import { ExecutionSpans } from "./execution-spans.ts";
import { Explanations } from "./explanations.ts";
import { GroupCommit, type LogListener } from "./group-commit.ts";
import { type HistoryPorts, replay } from "./history.ts";
import { LogFeed } from "./log-feed.ts";
import { Meter } from "./meter.ts";
import { Queries } from "./queries.ts";
import { loadUnfinished } from "./recovery.ts";
import { Relay, type RelayForm } from "./relay.ts";
import { RelayPace } from "./relay-pace.ts";
import { Requests } from "./requests.ts";
import { Sleepers } from "./sleepers.ts";
import { beginTrace, contextOfSend } from "./span-ids.ts";
import { Starts } from "./starts.ts";
import type { Ownership, Store } from "./store.ts";
import { WatchHub } from "./watch-hub.ts";
import { Workflows } from "./workflows.ts";

export type ShardSettings = {
  readonly shard: number;
  readonly random: () => number;
  readonly randomId: () => string;
  readonly reattachGraceMs: number;
  readonly recoveryGraceMs: number;
  readonly agentBreakerCoolDownMs: number;
  readonly stepBreakerCoolDownMs: number;
  readonly executionsInFlightMax: number;
  readonly snapshotEveryEvents: number;
  readonly limits: ExecutionLimits;
  readonly definitionLimits: DefinitionLimits;
};

/** What a shard stands on. */
export type ShardPorts = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly checkText: TextCheck;
  readonly room: Room;
  /** Where events go; undefined: nowhere. */
  readonly bus?: ShardBus | undefined;
  /** Undefined: nothing is counted. */
  readonly metrics?: OrchestratorMetrics | undefined;
  /** Where the spans of executions go, and which part of the traces that begin here has any; undefined: no spans. */
  readonly tracing?: Tracing | undefined;
  /** Ways to agents, for this ownership of the shard alone. */
  readonly connect: (ownership: Ownership) => {
    readonly directory: AgentDirectory;
    readonly connector: AgentConnector;
  };
};

export type ShardBus = {
  readonly publisher: EventPublisher;
  /** How the log's events look there. */
  readonly form: RelayForm;
  /** What no log holds. */
  readonly tell: {
    readonly breaker: (change: BreakerChange) => void;
    readonly quarantine: (quarantine: Quarantine) => void;
  };
};
export type Tracing = { readonly sink: SpanSink; readonly ratio: number };

/** The shard's log has ended: `isFatal` when opening the store again would not help. */
export type LogEnd = { readonly isFatal: boolean; readonly message: string };

/**
 * A shard as long as this process owns it, on one store that is open: from take-over to stop, or until its log ends.
 */
export class Shard {
  readonly number: number;
  readonly store: Store;
  readonly log: GroupCommit;
  readonly hub = new WatchHub();
  readonly engine: Engine;
  readonly workflows: Workflows;
  readonly queries: Queries;
  readonly starts: Starts;
  readonly requests: Requests;
  readonly explanations: Explanations;
  readonly breakers: CircuitBreakers;
  readonly feed: LogFeed;
  readonly relay: Relay | undefined;
  readonly #logger: Logger;
  readonly #history: HistoryPorts;
  readonly #sleepers: Sleepers;
  readonly #spans: ExecutionSpans | undefined;
  readonly #takenOver: number;

  constructor(
    store: Store,
    ownership: Ownership,
    ports: ShardPorts,
    settings: ShardSettings,
    onLogEnd: (end: LogEnd) => void,
  ) {
    const { clock, logger, checkText, room, metrics, tracing, bus } = ports;
    const { shard, limits, definitionLimits } = settings;
    this.number = shard;
    this.store = store;
    this.#logger = logger;
    this.log = new GroupCommit({ store, shard, ownership, clock }, this.#logListener(ports, onLogEnd));
    store.onLost((reason) => this.log.lose(reason));
    this.workflows = new Workflows(store, checkText, () => clock.now(), definitionLimits);
    this.#history = { store, workflows: this.workflows, limits };
    const { log, hub, workflows } = this;
    const breakerChanges = new BreakerChanges();
    if (metrics) hub.subscribeAll(new Meter(metrics));
    this.#takenOver = ownership.position;
    const load = (id: string) => replay(this.#history, id);
    this.#spans = tracing && new ExecutionSpans({ sink: tracing.sink, store, load, logger });
    if (this.#spans) hub.subscribeAll(this.#spans);
    this.engine = new Engine({
      ...settings,
      ...ports.connect(ownership),
      clock,
      logger,
      log,
      hub,
      breakerChanges,
      ...(bus && { quarantined: bus.tell.quarantine }),
      load,
      waited: (capability, ms) => metrics?.capability(capability).queueSeconds.observe(ms / 1_000),
      beginTrace: tracing && ((id) => beginTrace(id, tracing.ratio)),
      contextOfSend: tracing && contextOfSend,
    });
    this.#sleepers = new Sleepers({ store, shard, clock, logger, wake: (id) => this.engine.wake(id) });
    this.feed = new LogFeed(shard, { store, hub, workflows, log, engine: this.engine });
    const admission = new Admission(log, room);
    this.queries = new Queries({ ...this.#history, engine: this.engine, log, hub, clock });
    const startLimits = { ...definitionLimits, ...limits };
    this.starts = new Starts({ engine: this.engine, workflows, store, admission, limits: startLimits });
    this.requests = new Requests(this.engine, store, admission);
    const { agentBreakers, stepBreakers } = this.engine.slots;
    this.breakers = new CircuitBreakers(agentBreakers, stepBreakers, breakerChanges);
    this.breakers.subscribe(logBreakers(logger));
    this.relay = this.#relayTo(ports, settings);
    this.explanations = new Explanations({ store, queries: this.queries, engine: this.engine, log, clock });
  }

  #relayTo({ bus, clock, logger, metrics }: ShardPorts, { random }: ShardSettings): Relay | undefined {
    if (!bus) return undefined;
    this.breakers.subscribe({ changed: bus.tell.breaker });
    const { store, number, feed } = this;
    const cursor = {
      read: () => store.readCursor(number),
      save: (position: number) => store.saveCursor(number, position),
    };
    const counted = (outcome: RelayOutcome): void => metrics?.relayed(outcome);
    const use = loopUse();
    // Where nothing is out at agents, nobody needs the processor more.
    const pace = new RelayPace(clock, () => (this.engine.sendsInFlight === 0 ? 0 : use()));
    return new Relay({ ...bus, feed, cursor, clock, logger, random, pace, counted });
  }

  /** Takes up what an earlier life left; resolves with how many executions that is. */
  async recover(): Promise<number> {
    const { awake, unreadable } = await loadUnfinished(this.#history, this.number);
    for (const [id, error] of unreadable) this.engine.unreadable(id, error);
    this.engine.run(awake);
    this.#sleepers.start();
    await this.#spans?.recover(this.number, this.#takenOver);
    await this.relay?.start();
    return awake.length;
  }

  /** Ends every watch: nothing more will come here. */
  endWatches(): void {
    this.hub.close();
    this.breakers.close();
  }

  /** Decides nothing more, and makes durable what has been decided; the rest is for the next life. */
  async stop(): Promise<void> {
    this.endWatches();
    this.#sleepers.stop();
    this.engine.stop();
    await this.log.stop();
    await this.relay?.stop();
  }

  #logListener({ room, metrics }: ShardPorts, onLogEnd: (end: LogEnd) => void): LogListener {
    const logger = this.#logger;
    return {
      onCommitted(events, tookMs) {
        metrics?.commitEvents.observe(events);
        metrics?.commitSeconds.observe(tookMs / 1_000);
      },
      onQuarantined: (id, reason) => this.engine.quarantine(id, `its facts cannot be written: ${reason}`),
      onBlocked(isBlocked, message) {
        void room.look();
        if (isBlocked)
          logger.error({ reason: message }, "accepted work waits and new work is refused: no room");
        else logger.info({}, "no work waits for room any more: new work is taken");
      },
      onUnknown: (message) => onLogEnd({ isFatal: false, message }),
      onFatal: (reason, message) => onLogEnd({ isFatal: true, message: `${reason}: ${message}` }),
    };
  }
}
