import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "@weft/runtime/clock";
import { endpointSecurity } from "@weft/runtime/endpoint";
import { createServer, type Server } from "@weft/runtime/grpc";
import { type Logger, silentLogger } from "@weft/runtime/logger";
import { allowAll } from "@weft/runtime/principal";
import { agentDirectory } from "./adapters/agent-directory.ts";
import { agentSessions } from "./adapters/agent-sessions.ts";
import { parseDocument } from "./adapters/definition-document.ts";
import { openMemoryStore } from "./adapters/store-memory.ts";
import { openSqliteStore } from "./adapters/store-sqlite.ts";
import { Engine } from "./app/engine.ts";
import { GroupCommit } from "./app/group-commit.ts";
import { Queries } from "./app/queries.ts";
import { loadUnfinished } from "./app/recovery.ts";
import { Starts } from "./app/starts.ts";
import type { Ownership, Store } from "./app/store.ts";
import { WatchHub } from "./app/watch-hub.ts";
import { Workflows } from "./app/workflows.ts";
import type { OrchestratorConfig } from "./config.ts";
import { orchestratorService } from "./rpc/orchestrator-service.ts";

export { type OrchestratorConfig, orchestratorDefaults } from "./config.ts";

export type OrchestratorOverrides = {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** The log can no longer be written: nothing more will happen here, and a restart recovers. */
  readonly onFatal?: (error: Error) => void;
};

export type Orchestrator = {
  /** Recovers what was unfinished, then serves. */
  start(): Promise<{ readonly port: number; readonly recovered: number }>;
  stop(): Promise<void>;
};

/** One shard, as long as one replica holds all of them. */
const shard = 0;

type Running = {
  readonly store: Store;
  readonly log: GroupCommit;
  readonly hub: WatchHub;
  readonly engine: Engine;
  readonly server: Server;
};

/** An orchestrator in this process. */
export function createOrchestrator(
  config: OrchestratorConfig,
  overrides: OrchestratorOverrides = {},
): Orchestrator {
  let running: Running | undefined;
  return {
    async start() {
      const { dataDirectory } = config;
      const store = await (dataDirectory === undefined ? openMemoryStore() : openSqliteStore(dataDirectory));
      try {
        const started = await open(store, config, overrides);
        running = started.running;
        return { port: started.port, recovered: started.recovered };
      } catch (error) {
        await store.close();
        throw error;
      }
    },
    async stop() {
      if (running) await stop(running, config.stopGraceMs);
      running = undefined;
    },
  };
}

async function open(store: Store, config: OrchestratorConfig, overrides: OrchestratorOverrides) {
  const { clock = systemClock, logger = silentLogger } = overrides;
  const ownership = await store.takeOwnership(shard);
  const hub = new WatchHub();
  const workflows = new Workflows(store, parseDocument, () => clock.now());
  const onFatal = (reason: string, message: string): void => {
    const error = new Error(`the log cannot be written (${reason}): ${message}`);
    logger.error({ err: error }, "stopping: what is not durable has not happened; a restart recovers");
    running.server.setServing(false);
    overrides.onFatal?.(error);
  };
  const log = new GroupCommit(
    { store, shard, ownership, clock },
    {
      onQuarantined: (executionId, reason) => onFatal("ROW", `execution ${executionId}: ${reason}`),
      onBlocked: (isBlocked, message) => logger.warn({ isBlocked }, message),
      onUnknown: (message) => onFatal("UNKNOWN", message),
      onFatal,
    },
  );
  const engine = new Engine({
    ...connections(config, ownership, clock, logger),
    ...settings(config),
    clock,
    log,
    hub,
  });
  const unfinished = await loadUnfinished(store, workflows, shard, logger);
  const queries = new Queries({ engine, log, hub, store, workflows, clock });
  const starts = new Starts(engine, workflows, store);
  const service = orchestratorService({ shard, starts, queries, workflows, watching: { store, hub } });
  const security = await endpointSecurity(config);
  const server = createServer({ implementations: [service], policy: allowAll, logger, ...security });
  const running: Running = { store, log, hub, engine, server };
  const port = await server.listen(config.address);
  engine.run(unfinished);
  server.setServing(true);
  return { running, port, recovered: unfinished.length };
}

function connections(config: OrchestratorConfig, ownership: Ownership, clock: Clock, logger: Logger) {
  const { registryAddress, cluster, orchestratorId, token } = config;
  const shared = { clock, logger, random: Math.random, ...(token === undefined ? {} : { token }) };
  return {
    random: Math.random,
    directory: agentDirectory({ ...shared, address: registryAddress }),
    connector: agentSessions({ ...shared, cluster, orchestratorId, shard, epoch: BigInt(ownership.epoch) }),
  };
}

function settings({ reattachGraceMs, recoveryGraceMs, executionsInFlightMax }: OrchestratorConfig) {
  return { shard, reattachGraceMs, recoveryGraceMs, executionsInFlightMax, randomId };
}

function randomId(): string {
  return randomBytes(8).toString("hex");
}

/** Takes nothing new, makes durable what has been decided, and leaves the rest to the next start. */
async function stop({ store, log, hub, engine, server }: Running, graceMs: number): Promise<void> {
  server.setServing(false);
  hub.close();
  await server.stop(graceMs);
  engine.stop();
  await log.stop();
  await store.close();
}
