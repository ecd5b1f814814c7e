import { hostname } from "node:os";
import { ConfigReader, type Environment } from "@weft/runtime/config-reader";
import { type Endpoint, readEndpoint } from "@weft/runtime/endpoint";

/** The endpoint's token is also shown to the registry and to agents. */
export type OrchestratorConfig = Endpoint & {
  /** host:port of the registry. */
  readonly registryAddress: string;
  /** Where the log lives. Undefined: in memory, and gone with the process. */
  readonly dataDirectory: string | undefined;
  /** Tells agents which installation this is. */
  readonly cluster: string;
  /** Tells agents which of its orchestrators this is; the same after a restart. */
  readonly orchestratorId: string;
  readonly executionsInFlightMax: number;
  /** Free bytes on the disk of the log, below which starts are refused. 0: they never are. */
  readonly diskFreeBytesMin: number;
  /** How long a disconnected agent may take to come back before its work goes elsewhere. */
  readonly reattachGraceMs: number;
  /** The same, after a restart of the orchestrator. */
  readonly recoveryGraceMs: number;
  /** How long calls may take to finish at a stop. */
  readonly stopGraceMs: number;
};

/** What is set where nobody says otherwise. */
export const orchestratorDefaults = {
  cluster: "default",
  executionsInFlightMax: 100_000,
  diskFreeBytesMin: 64 * 1024 * 1024,
  reattachGraceMs: 5_000,
  recoveryGraceMs: 15_000,
  stopGraceMs: 5_000,
} as const;

const hourMs = 3_600_000;
const tebibyte = 1024 ** 4;

/** Reads the environment of a process. Throws a `ConfigError` that names every bad variable. */
export function readConfig(
  env: Environment = process.env,
): OrchestratorConfig & { readonly logLevel: string } {
  const reader = new ConfigReader(env);
  const defaults = orchestratorDefaults;
  const config = {
    ...readEndpoint(reader, "WEFT_ORCHESTRATOR_ADDRESS", "127.0.0.1:7400"),
    registryAddress: reader.address("WEFT_REGISTRY", "127.0.0.1:7401"),
    dataDirectory: reader.text("WEFT_DATA", "weft-data"),
    cluster: reader.text("WEFT_CLUSTER", defaults.cluster),
    orchestratorId: reader.text("WEFT_ORCHESTRATOR_ID", hostname()),
    executionsInFlightMax: reader.integer("WEFT_EXECUTIONS_IN_FLIGHT_MAX", defaults.executionsInFlightMax, {
      min: 1,
      max: 10_000_000,
    }),
    diskFreeBytesMin: reader.integer("WEFT_DISK_FREE_MIN", defaults.diskFreeBytesMin, {
      min: 0,
      max: tebibyte,
    }),
    reattachGraceMs: reader.durationMs("WEFT_REATTACH_GRACE", defaults.reattachGraceMs, {
      min: 0,
      max: hourMs,
    }),
    recoveryGraceMs: reader.durationMs("WEFT_RECOVERY_GRACE", defaults.recoveryGraceMs, {
      min: 0,
      max: hourMs,
    }),
    stopGraceMs: reader.durationMs("WEFT_STOP_GRACE", defaults.stopGraceMs, { min: 0, max: hourMs }),
    logLevel: reader.oneOf("WEFT_LOG_LEVEL", "info", ["debug", "info", "warn", "error"]),
  };
  reader.finish();
  return config;
}
