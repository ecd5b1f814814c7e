import { ConfigReader, type Environment } from "@weft/runtime/config-reader";
import { type Endpoint, readEndpoint } from "@weft/runtime/endpoint";
import { type NatsConnectionConfig, readNats } from "@weft/runtime/nats-config";

/** The endpoint's token is also shown to the orchestrator and the registry. */
export type AlertManagerConfig = Endpoint & {
  /** host:port each. */
  readonly orchestratorAddress: string;
  readonly registryAddress: string;
  /** Where alerts, silences and notifications are kept. Undefined: in memory, and gone with the process. */
  readonly dataDirectory: string | undefined;
  /** Rules and receivers, laid over the shipped rules. Undefined: those alone, told to the log. */
  readonly rulesFile: string | undefined;
  /** Undefined: no bus; events are read from the orchestrator's log. */
  readonly nats?: NatsConnectionConfig | undefined;
  /** From one look at all rules to the next. */
  readonly judgeEveryMs: number;
  /** host:port where Prometheus reads the metrics. Unset: nothing is counted. */
  readonly metricsAddress?: string | undefined;
  /** Where `fromEnv` finds secrets. */
  readonly environment: Environment;
};

export const defaultAddress = "127.0.0.1:7402";
export const defaultJudgeEveryMs = 1_000;

const logLevels = ["debug", "info", "warn", "error"] as const;

/** What the process runs with. Throws a ConfigError that names every bad variable. */
export function readConfig(
  env: Environment = process.env,
): AlertManagerConfig & { readonly logLevel: (typeof logLevels)[number] } {
  const read = new ConfigReader(env);
  const config = {
    ...readEndpoint(read, "WEFT_ALERTS_ADDRESS", defaultAddress),
    orchestratorAddress: read.address("WEFT_ORCHESTRATOR", "127.0.0.1:7400"),
    registryAddress: read.address("WEFT_REGISTRY", "127.0.0.1:7401"),
    dataDirectory: read.text("WEFT_DATA", "weft-alerts-data"),
    rulesFile: read.text("WEFT_ALERT_RULES"),
    nats: readNats(read, "weft alert manager"),
    judgeEveryMs: read.durationMs("WEFT_ALERT_JUDGE_EVERY", defaultJudgeEveryMs, { min: 100, max: 60_000 }),
    metricsAddress: read.optionalAddress("WEFT_METRICS_ADDRESS"),
    environment: env,
    logLevel: read.oneOf("WEFT_LOG_LEVEL", "info", logLevels),
  };
  read.finish();
  return config;
}
