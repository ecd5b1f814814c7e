import { ConfigReader, type Environment } from "@weft/runtime/config-reader";
import { type Endpoint, readEndpoint } from "@weft/runtime/endpoint";

export type RegistryConfig = Endpoint & {
  /** How long an agent counts as alive after its last sign of life. */
  readonly leaseMs: number;
};

export const defaultAddress = "127.0.0.1:7401";
export const defaultLeaseMs = 10_000;

export const logLevels = ["debug", "info", "warn", "error"] as const;

/** What the process runs with. Throws a ConfigError that names every bad variable. */
export function readConfig(
  env: Environment = process.env,
): RegistryConfig & { readonly logLevel: (typeof logLevels)[number] } {
  const read = new ConfigReader(env);
  const config = {
    ...readEndpoint(read, "WEFT_REGISTRY_ADDRESS", defaultAddress),
    leaseMs: read.durationMs("WEFT_REGISTRY_LEASE", defaultLeaseMs, { min: 1_000, max: 600_000 }),
    logLevel: read.oneOf("WEFT_LOG_LEVEL", "info", logLevels),
  };
  read.finish();
  return config;
}
