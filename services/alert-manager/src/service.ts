import { readFile } from "node:fs/promises";
import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import { type Clock, systemClock } from "@weft/runtime/clock";
import { endpointSecurity } from "@weft/runtime/endpoint";
import type { EventSubscriber } from "@weft/runtime/event-bus";
import { createChannel, createServer, type Server } from "@weft/runtime/grpc";
import { type Logger, silentLogger } from "@weft/runtime/logger";
import type { Metrics } from "@weft/runtime/metrics";
import { MetricsEndpoint } from "@weft/runtime/metrics-server";
import { NatsSubscriber } from "@weft/runtime/nats";
import { allowAll } from "@weft/runtime/principal";
import { openAlertmanagers } from "./adapters/alertmanager-member.ts";
import { createEventFeed } from "./adapters/event-feed.ts";
import { observationOf, observationOfSystem } from "./adapters/event-feed-observations.ts";
import { openKnownLogs } from "./adapters/known-logs.ts";
import { openReceiver } from "./adapters/receivers.ts";
import { readShippedRules, watchRuleFile } from "./adapters/rule-file.ts";
import { openMemoryAlertStore } from "./adapters/store-memory.ts";
import { openSqliteAlertStore } from "./adapters/store-sqlite.ts";
import { AlertManager, RulesUnusable } from "./app/alert-manager.ts";
import { noMetrics } from "./app/alert-metrics.ts";
import type { EventFeed } from "./app/ports.ts";
import type { AlertManagerConfig } from "./config.ts";
import { AlertManagerMetrics, registerRuleGauges } from "./metrics.ts";
import { alertService } from "./rpc/alert-service.ts";

export { type AlertManagerConfig, defaultJudgeEveryMs } from "./config.ts";

export type AlertManagerOverrides = {
  readonly clock?: Clock;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly logger?: Logger;
  /** Where to count, in place of metrics of its own: of all services in this process. */
  readonly metrics?: Metrics;
  /** In place of NATS, whatever the configuration says of it. It is not closed with the alert manager. */
  readonly eventBus?: EventSubscriber;
  /** The state can no longer be saved: nothing more will happen here, and a restart goes on from what was saved. */
  readonly onFatal?: (error: Error) => void;
};

export type AlertManagerService = {
  /** Resolves once it serves. Rejects when the rules are bad, the data is another's or the address is taken. */
  start(): Promise<{ readonly port: number; readonly rules: number; readonly metricsPort?: number }>;
  /** Reads the rules anew, now. Bad ones change nothing. */
  reload(): Promise<void>;
  stop(): Promise<void>;
};

const stopGraceMs = 2_000;
const rulesLookMs = 2_000;

/** An alert manager in this process. Start it once. */
export function createAlertManager(
  config: AlertManagerConfig,
  overrides: AlertManagerOverrides = {},
): AlertManagerService {
  const { clock = systemClock, random = Math.random, logger = silentLogger, onFatal } = overrides;
  const endpoint = new MetricsEndpoint(config.metricsAddress, overrides.metrics);
  const metrics = endpoint.metrics && new AlertManagerMetrics(endpoint.metrics, () => clock.now());
  let running: Running | undefined;
  if (endpoint.metrics) registerRuleGauges(endpoint.metrics, () => running?.manager.ruleFigures());
  return {
    async start() {
      const parts = { ...overrides, clock, random, logger };
      const manager = await openManager(config, parts, metrics);
      const counting = await endpoint.start();
      const server = await serve(config, manager, parts, metrics).catch(async (error: unknown) => {
        await manager.stop();
        await endpoint.stop();
        throw error;
      });
      manager.onLost((reason) => {
        server.setServing(false);
        onFatal?.(new Error(reason));
      });
      const feed = openFeed(config, parts);
      running = { manager, server, feed, rules: followRules(config, manager, parts) };
      manager.start();
      await feed.start(manager.engine.positions(), manager.engine);
      server.setServing(true);
      return { port: server.port, rules: manager.ruleFigures().rules, ...counting };
    },
    async reload() {
      if (running && config.rulesFile) await reloadFrom(config.rulesFile, running.manager, logger);
    },
    async stop() {
      if (running) await stopAll(running);
      await endpoint.stop();
    },
  };
}

type Parts = Required<Pick<AlertManagerOverrides, "clock" | "random" | "logger">> & AlertManagerOverrides;

type Running = {
  readonly manager: AlertManager;
  readonly server: Server;
  readonly feed: EventFeed;
  readonly rules: { stop(): void };
};

async function openManager(
  config: AlertManagerConfig,
  { clock, random, logger }: Parts,
  metrics: AlertManagerMetrics | undefined,
): Promise<AlertManager> {
  const { rulesFile, dataDirectory, judgeEveryMs, environment } = config;
  const shippedRules = await readShippedRules();
  const rules = rulesFile === undefined ? "{}" : await readRulesFile(rulesFile);
  const world = { clock, logger, environment };
  return AlertManager.open({
    clock,
    random,
    logger,
    judgeEveryMs,
    shippedRules,
    rules,
    rulesName: rulesFile ?? "the shipped rules",
    metrics: metrics ?? noMetrics,
    openStore: () =>
      dataDirectory === undefined
        ? Promise.resolve(openMemoryAlertStore())
        : openSqliteAlertStore(dataDirectory),
    openReceiver: (receiver) => openReceiver(receiver, world),
    openAlertmanagers: (alertmanager) => openAlertmanagers(alertmanager, world),
    onPosted: (member, outcome) => metrics?.posted(member, outcome),
  });
}

async function readRulesFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new RulesUnusable(
      `${path} can't be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function serve(
  config: AlertManagerConfig,
  { engine, receivers, trials }: AlertManager,
  { clock, logger }: Parts,
  metrics: AlertManagerMetrics | undefined,
): Promise<Server & { readonly port: number }> {
  const some = <Value>(value: Value | undefined): readonly Value[] => (value === undefined ? [] : [value]);
  const events = {
    ofExecution: (event: Parameters<typeof observationOf>[0]) => some(observationOf(event)),
    ofSystem: (event: Parameters<typeof observationOfSystem>[0]) => some(observationOfSystem(event)),
  };
  const server = createServer({
    implementations: [alertService({ desk: engine.desk, receivers, trials, events, clock })],
    policy: allowAll,
    logger,
    ...(metrics && { onCall: (action, code, reason) => metrics.call(action, code, reason) }),
    ...(await endpointSecurity(config)),
  });
  return { ...server, port: await server.listen(config.address) };
}

function openFeed(config: AlertManagerConfig, { clock, logger, random, eventBus }: Parts): EventFeed {
  const { orchestratorAddress, registryAddress, token, nats, dataDirectory } = config;
  const shown = token === undefined ? {} : { token };
  const orchestrator = createChannel({ address: orchestratorAddress, exclusive: true, ...shown });
  const registry = createChannel({ address: registryAddress, exclusive: true, ...shown });
  const own =
    eventBus === undefined && nats ? new NatsSubscriber(nats, { clock, logger, random }) : undefined;
  const feed = createEventFeed({
    orchestrator: orchestrator.client(OrchestratorService),
    registry: registry.client(RegistryService),
    subscriber: eventBus ?? own,
    isNats: own !== undefined,
    knownLogs: openKnownLogs(dataDirectory),
    clock,
    logger,
  });
  return {
    start: (positions, sink) => feed.start(positions, sink),
    async stop() {
      await feed.stop();
      await own?.close();
      orchestrator.close();
      registry.close();
    },
  };
}

function followRules(
  { rulesFile }: AlertManagerConfig,
  manager: AlertManager,
  { clock, logger }: Parts,
): { stop(): void } {
  if (rulesFile === undefined) return { stop() {} };
  const options = { clock, logger, everyMs: rulesLookMs };
  return watchRuleFile(rulesFile, manager.rules, options, (text) => manager.reload(text));
}

async function reloadFrom(path: string, manager: AlertManager, logger: Logger): Promise<void> {
  try {
    await manager.reload(await readFile(path, "utf8"));
  } catch (err) {
    logger.error({ err, path }, "the rules can't be reloaded; those before stay in force");
  }
}

async function stopAll({ manager, server, feed, rules }: Running): Promise<void> {
  server.setServing(false);
  rules.stop();
  await feed.stop();
  await manager.stop();
  await server.stop(stopGraceMs);
}
