import { createHash, randomUUID } from "node:crypto";
import { join } from "node:path";
import { createAlertManager, defaultJudgeEveryMs } from "@weft/alert-manager";
import { createOrchestrator, orchestratorDefaults } from "@weft/orchestrator";
import { createRegistry } from "@weft/registry";
import type { Environment } from "@weft/runtime/config-reader";
import type { Service } from "@weft/runtime/lifecycle";
import type { Logger } from "@weft/runtime/logger";
import { MemoryBus } from "@weft/runtime/memory-bus";
import { type NatsConnectionConfig, type StreamLimits, streamLimitDefaults } from "@weft/runtime/nats-config";
import type { TracingConfig } from "@weft/runtime/tracing-config";
import type { DataFolder } from "./dev/data-folder.ts";
import { loopback } from "./dev/port.ts";

/** Where the services of a `weft dev` listen. */
export type DevAddresses = {
  readonly orchestrator: string;
  readonly registry: string;
  readonly alerts: string;
};

export type DevOptions = {
  readonly folder: DataFolder;
  /** 0: any that is free. */
  readonly orchestratorPort: number;
  readonly registryPort: number;
  readonly alertsPort: number;
  /** Undefined: the shipped rules, told to the log. */
  readonly alertRules: string | undefined;
  /** Where receivers of alerts find their secrets. */
  readonly environment: Environment;
  /** Keeps nothing of executions, workflows and alerts. */
  readonly inMemory: boolean;
  /** Where events go; undefined: they stay in this process. */
  readonly nats: NatsConnectionConfig | undefined;
  /** Undefined: no spans are made. */
  readonly tracing: TracingConfig | undefined;
  readonly loggerOf: (service: string) => Logger;
  /** The log can no longer be written: nothing more will happen here. */
  readonly onFatal: (error: Error) => void;
};

export type DevMesh = Pick<Service, "stop"> & {
  start(): Promise<DevAddresses & { readonly recovered: number }>;
};

const leaseMs = 10_000;
/** On the machine of a developer. */
const streamLimits: StreamLimits = { ...streamLimitDefaults, maxBytes: 256 * 1024 ** 2 };

/** Agents remember the epochs of a cluster: where the log begins anew, so does the cluster. */
function clusterOf({ folder, inMemory }: DevOptions): string {
  const origin = inMemory ? randomUUID() : folder.kept.token;
  return `dev-${createHash("sha256").update(origin).digest("hex").slice(0, 12)}`;
}

/** Every service of Weft in this process, on loopback, guarded by the folder's token. */
export function createDevMesh(options: DevOptions): DevMesh {
  const { folder, loggerOf, onFatal } = options;
  const { token } = folder.kept;
  const { nats } = options;
  const eventBus = nats ? undefined : new MemoryBus();
  const shared = eventBus && { eventBus };
  const registry = createRegistry(
    { address: `${loopback}:${options.registryPort}`, token, leaseMs, registryId: "dev", nats, streamLimits },
    { logger: loggerOf("registry"), ...shared },
  );
  let orchestrator: ReturnType<typeof createOrchestrator> | undefined;
  let alertManager: ReturnType<typeof createAlertManager> | undefined;
  return {
    async start() {
      const registryAddress = `${loopback}:${(await registry.start()).port}`;
      orchestrator = createOrchestrator(
        {
          ...orchestratorDefaults,
          address: `${loopback}:${options.orchestratorPort}`,
          registryAddress,
          token,
          dataDirectory: options.inMemory ? undefined : folder.path,
          cluster: clusterOf(options),
          orchestratorId: "dev",
          nats,
          streamLimits,
          tracing: options.tracing,
        },
        { logger: loggerOf("orchestrator"), onFatal, ...shared },
      );
      const { port, recovered } = await orchestrator.start();
      const orchestratorAddress = `${loopback}:${port}`;
      alertManager = alertManagerOf(options, { orchestratorAddress, registryAddress }, eventBus);
      const alerts = `${loopback}:${(await alertManager.start()).port}`;
      const addresses = { orchestrator: orchestratorAddress, registry: registryAddress, alerts };
      folder.publish(addresses);
      return { ...addresses, recovered };
    },
    async stop() {
      await alertManager?.stop();
      await orchestrator?.stop();
      await registry.stop();
      await eventBus?.close();
    },
  };
}

function alertManagerOf(
  { folder, alertsPort, alertRules, environment, inMemory, nats, loggerOf, onFatal }: DevOptions,
  addresses: { readonly orchestratorAddress: string; readonly registryAddress: string },
  eventBus: MemoryBus | undefined,
): ReturnType<typeof createAlertManager> {
  return createAlertManager(
    {
      ...addresses,
      address: `${loopback}:${alertsPort}`,
      token: folder.kept.token,
      dataDirectory: inMemory ? undefined : join(folder.path, "alerts"),
      rulesFile: alertRules,
      nats,
      judgeEveryMs: defaultJudgeEveryMs,
      environment,
    },
    { logger: loggerOf("alerts"), onFatal, ...(eventBus && { eventBus }) },
  );
}
