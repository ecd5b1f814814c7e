import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "@weft/runtime/clock";
import { endpointSecurity } from "@weft/runtime/endpoint";
import type { EventPublisher } from "@weft/runtime/event-bus";
import { createServer, type Server } from "@weft/runtime/grpc";
import { type Logger, silentLogger } from "@weft/runtime/logger";
import type { Metrics } from "@weft/runtime/metrics";
import { MetricsEndpoint } from "@weft/runtime/metrics-server";
import { NatsPublisher } from "@weft/runtime/nats";
import { streamLimitDefaults } from "@weft/runtime/nats-config";
import { allowAll } from "@weft/runtime/principal";
import { SystemEvents } from "@weft/runtime/system-events";
import { grpcHealthProbe } from "./adapters/grpc-health-probe.ts";
import { AgentRegistry } from "./app/agent-registry.ts";
import type { Change } from "./app/change-log.ts";
import { defaultPreserveMs, defaultProbes, type RegistryConfig } from "./config.ts";
import type { Agent } from "./core/agent.ts";
import type { Event } from "./core/event.ts";
import { defaultLimits } from "./core/limits.ts";
import { RegistryMetrics, registerGauges } from "./metrics.ts";
import { factOf } from "./rpc/agent-events.ts";
import { registryService } from "./rpc/registry-service.ts";

export type { RegistryConfig } from "./config.ts";

export type RegistryOverrides = {
  readonly clock?: Clock;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly logger?: Logger;
  /** In place of NATS, whatever the configuration says of it. It is not closed with the registry. */
  readonly eventBus?: EventPublisher;
  /** Where to count, in place of metrics of its own: of all services in this process. */
  readonly metrics?: Metrics;
};

export type Registry = {
  /** Resolves with the port once it serves. Rejects when the address is taken or a TLS file can't be read. */
  start(): Promise<{ readonly port: number; readonly metricsPort?: number }>;
  stop(): Promise<void>;
};

/** Streams end at once when the registry stops; this is for unary calls. */
const stopGraceMs = 2_000;

/** One replica of the registry, in memory. Start it once. */
export function createRegistry(config: RegistryConfig, overrides: RegistryOverrides = {}): Registry {
  const { clock = systemClock, random = Math.random, logger = silentLogger, eventBus } = overrides;
  const endpoint = new MetricsEndpoint(config.metricsAddress, overrides.metrics);
  const metrics = endpoint.metrics && new RegistryMetrics(endpoint.metrics);
  let bus: ReturnType<typeof busOf>;
  let running: { readonly agents: AgentRegistry; readonly server: Server } | undefined;
  if (endpoint.metrics) registerGauges(endpoint.metrics, () => running?.agents.figures());
  return {
    async start() {
      const security = await endpointSecurity(config);
      bus = busOf(config, { clock, random, logger, dropped: () => metrics?.systemEventDropped() }, eventBus);
      const onEvent = (_agent: Agent, event: Event): void => metrics?.event(event);
      const changed = (change: Change): void => {
        const fact = factOf(change);
        if (fact) bus?.events.tell(fact);
      };
      const options = { ...registryOptions(config), clock, random, logger, onEvent, changed };
      const agents = new AgentRegistry(options);
      const implementations = [registryService(agents, clock)];
      const server = createServer({
        implementations,
        policy: allowAll,
        logger,
        onCall: (action, code, reason) => metrics?.call(action, code, reason),
        ...security,
      });
      running = { agents, server };
      const counting = await endpoint.start();
      const port = await server.listen(config.address).catch(async (error: unknown) => {
        agents.stop();
        await bus?.close();
        await endpoint.stop();
        throw error;
      });
      server.setServing(true);
      return { port, ...counting };
    },
    async stop() {
      running?.server.setServing(false);
      running?.agents.stop();
      await running?.server.stop(stopGraceMs);
      await bus?.close();
      await endpoint.stop();
    },
  };
}

/** Where changes of agents are told; undefined: nowhere. */
function busOf(
  { registryId: id = "registry", nats, streamLimits = streamLimitDefaults }: RegistryConfig,
  ports: Required<Pick<RegistryOverrides, "clock" | "random" | "logger">> & { readonly dropped: () => void },
  eventBus: EventPublisher | undefined,
) {
  const own = eventBus || !nats ? undefined : new NatsPublisher(nats, streamLimits, ports);
  const publisher = eventBus ?? own;
  if (!publisher) return undefined;
  const source = { kind: "registry", id, incarnation: randomUUID() } as const;
  const events = new SystemEvents(source, publisher, ports);
  return {
    events,
    async close() {
      events.stop();
      await own?.close();
    },
  };
}

function registryOptions(config: RegistryConfig) {
  const { leaseMs, preserveMs = defaultPreserveMs, probes = defaultProbes } = config;
  const common = { incarnation: randomUUID(), limits: defaultLimits };
  const { intervalMs, timeoutMs, failuresMax, successesMin } = probes;
  if (intervalMs === 0) return { ...common, rules: { leaseMs, preserveMs, probes: undefined } };
  const { probesInFlightMax } = defaultLimits;
  const prober = { probe: grpcHealthProbe, intervalMs, timeoutMs, probesInFlightMax };
  return { ...common, prober, rules: { leaseMs, preserveMs, probes: { failuresMax, successesMin } } };
}
