import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "@weft/runtime/clock";
import { endpointSecurity } from "@weft/runtime/endpoint";
import { createServer, type Server } from "@weft/runtime/grpc";
import { type Logger, silentLogger } from "@weft/runtime/logger";
import { allowAll } from "@weft/runtime/principal";
import { AgentRegistry } from "./app/agent-registry.ts";
import type { RegistryConfig } from "./config.ts";
import { defaultLimits } from "./core/limits.ts";
import { registryService } from "./rpc/registry-service.ts";

export type { RegistryConfig } from "./config.ts";

export type RegistryOverrides = { readonly clock?: Clock; readonly logger?: Logger };

export type Registry = {
  /** Resolves with the port once it serves. Rejects when the address is taken or a TLS file can't be read. */
  start(): Promise<{ readonly port: number }>;
  stop(): Promise<void>;
};

/** Streams end at once when the registry stops; this is for unary calls. */
const stopGraceMs = 2_000;

/** One replica of the registry, in memory. Start it once. */
export function createRegistry(config: RegistryConfig, overrides: RegistryOverrides = {}): Registry {
  const { clock = systemClock, logger = silentLogger } = overrides;
  let running: { readonly agents: AgentRegistry; readonly server: Server } | undefined;
  return {
    async start() {
      const security = await endpointSecurity(config);
      const { leaseMs } = config;
      const incarnation = randomUUID();
      const agents = new AgentRegistry({ incarnation, leaseMs, limits: defaultLimits, clock, logger });
      const implementations = [registryService(agents, clock)];
      const server = createServer({ implementations, policy: allowAll, logger, ...security });
      running = { agents, server };
      const port = await server.listen(config.address).catch((error: unknown) => {
        agents.stop();
        throw error;
      });
      server.setServing(true);
      return { port };
    },
    async stop() {
      running?.server.setServing(false);
      running?.agents.stop();
      await running?.server.stop(stopGraceMs);
    },
  };
}
