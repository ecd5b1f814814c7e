import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "@weft/runtime/clock";
import { endpointSecurity } from "@weft/runtime/endpoint";
import type { EventPublisher } from "@weft/runtime/event-bus";
import { createServer, type Server } from "@weft/runtime/grpc";
import { type Logger, silentLogger } from "@weft/runtime/logger";
import { NatsPublisher } from "@weft/runtime/nats";
import { allowAll } from "@weft/runtime/principal";
import { SystemEvents } from "@weft/runtime/system-events";
import { agentConnector } from "./adapters/agent-connector.ts";
import { agentDirectory } from "./adapters/agent-directory.ts";
import { DefinitionTexts } from "./adapters/definition-texts.ts";
import { freeBytes } from "./adapters/disk-space.ts";
import { openMemoryStore } from "./adapters/store-memory.ts";
import { openSqliteStore } from "./adapters/store-sqlite.ts";
import type { AgentConnector } from "./app/agents.ts";
import { DiskGuard } from "./app/disk-guard.ts";
import { type LogEnd, Shard, type ShardBus, type ShardPorts, type ShardSettings } from "./app/shard.ts";
import { ShardKeeper } from "./app/shard-keeper.ts";
import type { Store } from "./app/store.ts";
import type { OrchestratorConfig } from "./config.ts";
import { orchestratorService } from "./rpc/orchestrator-service.ts";
import { publicationsOf } from "./rpc/publications.ts";
import { factOfBreaker, factOfQuarantine } from "./rpc/system-facts.ts";

export type { AgentConnector } from "./app/agents.ts";
export type { Batch, Store } from "./app/store.ts";
export { type OrchestratorConfig, orchestratorDefaults } from "./config.ts";

export type OrchestratorOverrides = {
  readonly clock?: Clock;
  readonly logger?: Logger;
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
  start(): Promise<{ readonly port: number; readonly recovered: number }>;
  stop(): Promise<void>;
};

/** One shard, as long as one replica holds all of them. */
const shardNumber = 0;

/** An orchestrator in this process. */
export function createOrchestrator(
  config: OrchestratorConfig,
  overrides: OrchestratorOverrides = {},
): Orchestrator {
  const { clock = systemClock, logger = silentLogger, onFatal } = overrides;
  const disk = diskGuardOf(config, clock, logger);
  const texts = new DefinitionTexts(config.definitionLimits);
  let bus: Bus | undefined;
  let server: Server | undefined;
  const keeper = new ShardKeeper({
    clock,
    logger,
    random: Math.random,
    open: (onLogEnd) => openShard(config, { ...overrides, clock, logger }, { disk, texts, bus }, onLogEnd),
    close: (opened) => closeShard(opened),
    onFatal(error) {
      server?.setServing(false);
      onFatal?.(error);
    },
  });
  return {
    async start() {
      bus = openBus(config, { clock, logger }, overrides.eventBus);
      try {
        const recovered = await keeper.start();
        await disk.start();
        server = await serve(config, keeper, logger);
        const port = await server.listen(config.address);
        server.setServing(true);
        return { port, recovered };
      } catch (error) {
        await keeper.stop();
        await bus?.close();
        throw error;
      }
    },
    async stop() {
      server?.setServing(false);
      keeper.shard?.endWatches();
      await server?.stop(config.stopGraceMs);
      await keeper.stop();
      await bus?.close();
      texts.close();
      disk.stop();
    },
  };
}

async function serve(config: OrchestratorConfig, keeper: ShardKeeper, logger: Logger): Promise<Server> {
  const security = await endpointSecurity(config);
  return createServer({
    implementations: [orchestratorService(keeper, config.orchestratorId)],
    policy: allowAll,
    logger,
    ...security,
  });
}

/** What outlives the shard, when it is loaded anew. */
type SharedParts = {
  readonly disk: DiskGuard;
  readonly texts: DefinitionTexts;
  readonly bus: Bus | undefined;
};

/** Where events go, over all lives of the shard. */
type Bus = {
  readonly publisher: EventPublisher;
  readonly tell: ShardBus["tell"];
  close(): Promise<void>;
};

/** Undefined: nowhere. */
function openBus(
  { nats, streamLimits, orchestratorId: id }: OrchestratorConfig,
  { clock, logger }: Required<Pick<OrchestratorOverrides, "clock" | "logger">>,
  eventBus: EventPublisher | undefined,
): Bus | undefined {
  const random = Math.random;
  const own =
    eventBus || !nats ? undefined : new NatsPublisher(nats, streamLimits, { clock, logger, random });
  const publisher = eventBus ?? own;
  if (!publisher) return undefined;
  const source = { kind: "orchestrator", id, incarnation: randomId() } as const;
  const events = new SystemEvents(source, publisher, clock, random);
  return {
    publisher,
    tell: {
      breaker: (change) => events.tell(factOfBreaker(change)),
      quarantine: (quarantine) => events.tell(factOfQuarantine(quarantine)),
    },
    async close() {
      events.stop();
      await own?.close();
    },
  };
}

async function openShard(
  config: OrchestratorConfig,
  {
    clock,
    logger,
    openStore = storeOf,
    wrapConnector = (connector) => connector,
  }: Required<Pick<OrchestratorOverrides, "clock" | "logger">> & OrchestratorOverrides,
  { disk: room, texts, bus: shared }: SharedParts,
  onLogEnd: (end: LogEnd) => void,
): Promise<{ readonly shard: Shard; readonly recovered: number }> {
  const store = await openStore(config);
  try {
    const ownership = await store.takeOwnership(shardNumber);
    const connect = connections(config, clock, logger, wrapConnector);
    const checkText = (text: string) => texts.check(text);
    const bus = shared && { ...shared, form: publicationsOf(shardNumber, await store.logId()) };
    const ports = { clock, logger, room, checkText, connect, bus };
    const shard = new Shard(store, ownership, ports, settings(config), onLogEnd);
    return { shard, recovered: await shard.recover() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

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
