import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "@weft/runtime/clock";
import { endpointSecurity } from "@weft/runtime/endpoint";
import type { EventPublisher } from "@weft/runtime/event-bus";
import { createServer, type Server } from "@weft/runtime/grpc";
import { type Logger, silentLogger } from "@weft/runtime/logger";
import { NatsPublisher } from "@weft/runtime/nats";
import { streamLimitDefaults } from "@weft/runtime/nats-config";
import { allowAll } from "@weft/runtime/principal";
import { SystemEvents } from "@weft/runtime/system-events";
import { grpcHealthProbe } from "./adapters/grpc-health-probe.ts";
import { AgentRegistry } from "./app/agent-registry.ts";
import { defaultPreserveMs, defaultProbes, type RegistryConfig } from "./config.ts";
import { defaultLimits } from "./core/limits.ts";
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
};

export type Registry = {
  /** Resolves with the port once it serves. Rejects when the address is taken or a TLS file can't be read. */
  start(): Promise<{ readonly port: number }>;
  stop(): Promise<void>;
};

/** Streams end at once when the registry stops; this is for unary calls. */
const stopGraceMs = 2_000;

/** One replica of the registry, in memory. Start it once. */
export function createRegistry(config: RegistryConfig, overrides: RegistryOverrides = {}): Registry {
  const { clock = systemClock, random = Math.random, logger = silentLogger, eventBus } = overrides;
  let bus: ReturnType<typeof busOf>;
  let running: { readonly agents: AgentRegistry; readonly server: Server } | undefined;
  return {
    async start() {
      const security = await endpointSecurity(config);
      bus = busOf(config, { clock, random, logger }, eventBus);
      const agents = new AgentRegistry({
        ...registryOptions(config),
        clock,
        random,
        logger,
        changed(change) {
          const fact = factOf(change);
          if (fact) bus?.events.tell(fact);
        },
      });
      const implementations = [registryService(agents, clock)];
      const server = createServer({ implementations, policy: allowAll, logger, ...security });
      running = { agents, server };
      const port = await server.listen(config.address).catch(async (error: unknown) => {
        agents.stop();
        await bus?.close();
        throw error;
      });
      server.setServing(true);
      return { port };
    },
    async stop() {
      running?.server.setServing(false);
      running?.agents.stop();
      await running?.server.stop(stopGraceMs);
      await bus?.close();
    },
  };
}

/** Where changes of agents are told; undefined: nowhere. */
function busOf(
  { registryId: id = "registry", nats, streamLimits = streamLimitDefaults }: RegistryConfig,
  ports: Required<Pick<RegistryOverrides, "clock" | "random" | "logger">>,
  eventBus: EventPublisher | undefined,
) {
  const own = eventBus || !nats ? undefined : new NatsPublisher(nats, streamLimits, ports);
  const publisher = eventBus ?? own;
  if (!publisher) return undefined;
  const source = { kind: "registry", id, incarnation: randomUUID() } as const;
  const events = new SystemEvents(source, publisher, ports.clock, ports.random);
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
