import { hostname } from "node:os";
import { ConfigReader, type Environment } from "@weft/runtime/config-reader";
import { type Endpoint, readEndpoint } from "@weft/runtime/endpoint";
import {
  type NatsConnectionConfig,
  readNats,
  readStreamLimits,
  type StreamLimits,
} from "@weft/runtime/nats-config";
import type { ProbeRules } from "./core/health.ts";

export type RegistryConfig = Endpoint & {
  /** How long an agent counts as alive after its last sign of life. */
  readonly leaseMs: number;
  /** Tells consumers of events which registry this is; the same after a restart. Default: "registry". */
  readonly registryId?: string;
  /** Where changes of agents are told. Undefined: nowhere. */
  readonly nats?: NatsConnectionConfig | undefined;
  /** Default: `streamLimitDefaults`. */
  readonly streamLimits?: StreamLimits;
  /** How long silent agents are kept as SUSPECT while most are silent. Default: `defaultPreserveMs`; 0: not at all. */
  readonly preserveMs?: number;
  /** Default: `defaultProbes`. */
  readonly probes?: ProbeConfig;
  /** host:port where Prometheus reads the metrics. Unset: nothing is counted. */
  readonly metricsAddress?: string | undefined;
};

export type ProbeConfig = ProbeRules & {
  /** From one answer to the next question; 0: agents are not probed, and all that are heard count as healthy. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
};

export const defaultAddress = "127.0.0.1:7401";
export const defaultLeaseMs = 10_000;

export const defaultPreserveMs = 300_000;

export const defaultProbes: ProbeConfig = {
  intervalMs: 5_000,
  timeoutMs: 2_000,
  failuresMax: 3,
  successesMin: 2,
};

export const logLevels = ["debug", "info", "warn", "error"] as const;

/** What the process runs with. Throws a ConfigError that names every bad variable. */
export function readConfig(
  env: Environment = process.env,
): RegistryConfig & { readonly logLevel: (typeof logLevels)[number] } {
  const read = new ConfigReader(env);
  const registryId = read.text("WEFT_REGISTRY_ID", hostname());
  const config = {
    ...readEndpoint(read, "WEFT_REGISTRY_ADDRESS", defaultAddress),
    registryId,
    nats: readNats(read, `weft registry ${registryId}`),
    streamLimits: readStreamLimits(read),
    leaseMs: read.durationMs("WEFT_REGISTRY_LEASE", defaultLeaseMs, { min: 1_000, max: 600_000 }),
    preserveMs: read.durationMs("WEFT_REGISTRY_PRESERVE", defaultPreserveMs, { min: 0, max: 86_400_000 }),
    probes: readProbes(read),
    metricsAddress: read.optionalAddress("WEFT_METRICS_ADDRESS"),
    logLevel: read.oneOf("WEFT_LOG_LEVEL", "info", logLevels),
  };
  read.finish();
  return config;
}

function readProbes(read: ConfigReader): ProbeConfig {
  const { intervalMs, timeoutMs, failuresMax, successesMin } = defaultProbes;
  const counts = { min: 1, max: 100 };
  return {
    intervalMs: read.durationMs("WEFT_REGISTRY_PROBE_INTERVAL", intervalMs, { min: 0, max: 600_000 }),
    timeoutMs: read.durationMs("WEFT_REGISTRY_PROBE_TIMEOUT", timeoutMs, { min: 10, max: 60_000 }),
    failuresMax: read.integer("WEFT_REGISTRY_PROBE_FAILURES_MAX", failuresMax, counts),
    successesMin: read.integer("WEFT_REGISTRY_PROBE_SUCCESSES_MIN", successesMin, counts),
  };
}
