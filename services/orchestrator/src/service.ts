import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "@weft/runtime/clock";
import { endpointSecurity } from "@weft/runtime/endpoint";
import type { EventPublisher } from "@weft/runtime/event-bus";
import { createServer, type Server } from "@weft/runtime/grpc";
import { type Logger, silentLogger } from "@weft/runtime/logger";
import type { Metrics } from "@weft/runtime/metrics";
import { MetricsEndpoint } from "@weft/runtime/metrics-server";
import { allowAll } from "@weft/runtime/principal";
import { agentConnector } from "./adapters/agent-connector.ts";
import { agentDirectory } from "./adapters/agent-directory.ts";
import { DefinitionTexts } from "./adapters/definition-texts.ts";
import { freeBytes } from "./adapters/disk-space.ts";
import { openMemoryStore } from "./adapters/store-memory.ts";
import { openSqliteStore } from "./adapters/store-sqlite.ts";
import type { AgentConnector } from "./app/agents.ts";
import { DiskGuard } from "./app/disk-guard.ts";
import { liveFigures } from "./app/live-figures.ts";
import { type LogEnd, Shard, type ShardPorts, type ShardSettings, type Tracing } from "./app/shard.ts";
import { ShardKeeper } from "./app/shard-keeper.ts";
import type { Store } from "./app/store.ts";
import type { OrchestratorConfig } from "./config.ts";
import { OrchestratorMetrics, registerGauges } from "./metrics.ts";
import { orchestratorService } from "./rpc/orchestrator-service.ts";
import { type EventBus, openEventBus } from "./rpc/shard-bus.ts";

export type { AgentConnector } from "./app/agents.ts";
export type { Batch, Store } from "./app/store.ts";
export { type OrchestratorConfig, orchestratorDefaults } from "./config.ts";

export type OrchestratorOverrides = {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Where to count, in place of metrics of its own: of all services in this process. */
  readonly metrics?: Metrics;
  /** In place of the store that the configuration names. */
  readonly openStore?: (config: OrchestratorConfig) => Promise<Store>;
  /** In place of NATS, whatever the configuration says of it. It is not closed with the orchestrator. */
  readonly eventBus?: EventPublisher;
  /** Stands between the orchestrator and its sessions with agents. */
  readonly wrapConnector?: (connector: AgentConnector) => AgentConnector;
  /** The log can no longer be written: nothing more will happen here, and a restart recovers. */
  readonly onFatal?: (error: Error) => void;
};

export type Orchestrator = {
  /** Recovers what was unfinished, then serves. */
  start(): Promise<{ readonly port: number; readonly recovered: number; readonly metricsPort?: number }>;
  stop(): Promise<void>;
};

/** One shard, as long as one replica holds all of them. */
const shardNumber = 0;
/** For spans, also when calls took all of the grace. */
const flushMsMin = 1_000;

/** An orchestrator in this process. */
export function createOrchestrator(
  config: OrchestratorConfig,
  overrides: OrchestratorOverrides = {},
): Orchestrator {
  return new OrchestratorProcess(config, overrides);
}

class OrchestratorProcess implements Orchestrator {
  readonly #config: OrchestratorConfig;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #eventBus: EventPublisher | undefined;
  readonly #endpoint: MetricsEndpoint;
  readonly #ground: ShardGround;
  readonly #keeper: ShardKeeper;
  #server: Server | undefined;

  constructor(config: OrchestratorConfig, overrides: OrchestratorOverrides) {
    const { clock = systemClock, logger = silentLogger, onFatal } = overrides;
    this.#config = config;
    this.#clock = clock;
    this.#logger = logger;
    this.#eventBus = overrides.eventBus;
    this.#endpoint = new MetricsEndpoint(config.metricsAddress, overrides.metrics);
    const { metrics } = this.#endpoint;
    const ground: ShardGround = {
      disk: diskGuardOf(config, clock, logger),
      texts: new DefinitionTexts(config.definitionLimits),
      metrics: metrics && new OrchestratorMetrics(metrics),
      tracing: undefined,
      bus: undefined,
    };
    this.#ground = ground;
    const keeper = new ShardKeeper({
      clock,
      logger,
      random: Math.random,
      open: (onLogEnd) => openShard(config, { ...overrides, clock, logger }, ground, onLogEnd),
      close: (opened) => closeShard(opened),
      onFatal: (error) => {
        this.#server?.setServing(false);
        onFatal?.(error);
      },
    });
    this.#keeper = keeper;
    if (metrics) registerGauges(metrics, () => keeper.shard && liveFigures(keeper.shard));
  }

  async start() {
    const ground = this.#ground;
    ground.tracing = await openTracing(this.#config, this.#clock, this.#logger, ground.metrics);
    const dropped = (): void => ground.metrics?.systemEventDropped();
    const ports = { clock: this.#clock, logger: this.#logger, random: Math.random, dropped };
    ground.bus = openEventBus(this.#config, ports, this.#eventBus);
    try {
      const counting = await this.#endpoint.start();
      const recovered = await this.#keeper.start();
      await ground.disk.start();
      this.#server = await serve(this.#config, this.#keeper, this.#logger, ground.metrics);
      const port = await this.#server.listen(this.#config.address);
      this.#server.setServing(true);
      return { port, recovered, ...counting };
    } catch (error) {
      await this.#letGo(0);
      throw error;
    }
  }

  async stop(): Promise<void> {
    const { stopGraceMs } = this.#config;
    const stopMs = this.#clock.monotonic() + stopGraceMs;
    this.#server?.setServing(false);
    this.#keeper.shard?.endWatches();
    await this.#server?.stop(stopGraceMs);
    await this.#letGo(Math.max(flushMsMin, stopMs - this.#clock.monotonic()));
  }

  async #letGo(flushMs: number): Promise<void> {
    const { texts, disk, tracing, bus } = this.#ground;
    await this.#keeper.stop();
    await bus?.close();
    texts.close();
    disk.stop();
    await this.#endpoint.stop();
    await tracing?.sink.stop(flushMs);
  }
}

/** The exporters are loaded where they are wanted, and only there. */
async function openTracing(
  { tracing, orchestratorId, cluster }: OrchestratorConfig,
  clock: Clock,
  logger: Logger,
  metrics: OrchestratorMetrics | undefined,
): Promise<Tracing | undefined> {
  if (!tracing) return undefined;
  const { openSpanSink } = await import("@weft/runtime/tracing");
  const resource = {
    "service.name": "weft-orchestrator",
    "service.namespace": cluster,
    "service.instance.id": orchestratorId,
  };
  const sink = await openSpanSink(tracing, {
    resource,
    scope: { name: "weft.orchestrator" },
    clock,
    logger,
    onDropped: (target, spans) => metrics?.spansDropped(target, spans),
  });
  return { sink, ratio: tracing.ratio };
}

async function serve(
  config: OrchestratorConfig,
  keeper: ShardKeeper,
  logger: Logger,
  metrics: OrchestratorMetrics | undefined,
): Promise<Server> {
  const security = await endpointSecurity(config);
  return createServer({
    implementations: [orchestratorService(keeper, config.orchestratorId)],
    policy: allowAll,
    logger,
    ...(metrics && { onCall: (action, code, reason) => metrics.call(action, code, reason) }),
    ...security,
  });
}

async function openShard(
  config: OrchestratorConfig,
  {
    clock,
    logger,
    openStore = storeOf,
    wrapConnector = (connector) => connector,
  }: Required<Pick<OrchestratorOverrides, "clock" | "logger">> & OrchestratorOverrides,
  { disk: room, texts, metrics, tracing, bus }: ShardGround,
  onLogEnd: (end: LogEnd) => void,
): Promise<{ readonly shard: Shard; readonly recovered: number }> {
  const store = await openStore(config);
  try {
    const ownership = await store.takeOwnership(shardNumber);
    const connect = connections(config, clock, logger, wrapConnector);
    const checkText = (text: string) => texts.check(text);
    const shardBus = bus?.shardBus(shardNumber, await store.logId());
    const ports = { clock, logger, room, checkText, metrics, tracing, connect, bus: shardBus };
    const shard = new Shard(store, ownership, ports, settings(config), onLogEnd);
    return { shard, recovered: await shard.recover() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What outlives a shard that is loaded anew. */
type ShardGround = {
  readonly disk: DiskGuard;
  readonly texts: DefinitionTexts;
  readonly metrics: OrchestratorMetrics | undefined;
  /** Opened at the start, as is the next. */
  tracing: Tracing | undefined;
  bus: EventBus | undefined;
};

function diskGuardOf(config: OrchestratorConfig, clock: Clock, logger: Logger): DiskGuard {
  const { dataDirectory, diskFreeBytesMin } = config;
  if (dataDirectory === undefined)
    return new DiskGuard({ freeBytes: async () => 0, diskFreeBytesMin: 0, clock, logger });
  return new DiskGuard({ freeBytes: () => freeBytes(dataDirectory), diskFreeBytesMin, clock, logger });
}

function storeOf({ dataDirectory }: OrchestratorConfig): Promise<Store> {
  return dataDirectory === undefined ? Promise.resolve(openMemoryStore()) : openSqliteStore(dataDirectory);
}

async function closeShard(shard: Shard): Promise<void> {
  await shard.stop();
  await shard.store.close();
}

function connections(
  config: OrchestratorConfig,
  clock: Clock,
  logger: Logger,
  wrap: (connector: AgentConnector) => AgentConnector,
): ShardPorts["connect"] {
  const { registryAddress, cluster, orchestratorId, token } = config;
  const { payloadBytesMax } = config.executionLimits;
  const shared = { clock, logger, random: Math.random, ...(token === undefined ? {} : { token }) };
  return ({ epoch }) => ({
    directory: agentDirectory({ ...shared, address: registryAddress }),
    connector: wrap(
      agentConnector({
        ...shared,
        cluster,
        orchestratorId,
        shard: shardNumber,
        epoch: BigInt(epoch),
        payloadBytesMax,
      }),
    ),
  });
}

function settings(config: OrchestratorConfig): ShardSettings {
  const { reattachGraceMs, recoveryGraceMs, executionsInFlightMax, snapshotEveryEvents } = config;
  const { agentBreakerCoolDownMs, stepBreakerCoolDownMs } = config;
  return {
    shard: shardNumber,
    random: Math.random,
    randomId,
    reattachGraceMs,
    recoveryGraceMs,
    agentBreakerCoolDownMs,
    stepBreakerCoolDownMs,
    executionsInFlightMax,
    snapshotEveryEvents,
    limits: config.executionLimits,
    definitionLimits: config.definitionLimits,
  };
}

function randomId(): string {
  return randomBytes(8).toString("hex");
}
