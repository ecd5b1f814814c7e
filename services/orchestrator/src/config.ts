import { hostname } from "node:os";
import { ConfigReader, type Environment } from "@weft/runtime/config-reader";
import { type Endpoint, readEndpoint } from "@weft/runtime/endpoint";
import { messageBytesMax } from "@weft/runtime/grpc";
import {
  type NatsConnectionConfig,
  readNats,
  readStreamLimits,
  type StreamLimits,
  streamLimitDefaults,
} from "@weft/runtime/nats-config";
import { readTracing, type TracingConfig } from "@weft/runtime/tracing-config";
import { expressionLengthMax as parserLengthMax } from "./core/definition-limits.ts";
import {
  type DefinitionLimits,
  defaultDefinitionLimits,
  defaultExecutionLimits,
  type ExecutionLimits,
} from "./core/limits.ts";

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
  /** Events of one execution between two snapshots; more for a workflow that has more steps. */
  readonly snapshotEveryEvents: number;
  readonly definitionLimits: DefinitionLimits;
  readonly executionLimits: ExecutionLimits;
  /** Free bytes on the disk of the log, below which starts are refused. 0: they never are. */
  readonly diskFreeBytesMin: number;
  /** Where events go. Undefined: nowhere, and consumers read the log. */
  readonly nats?: NatsConnectionConfig | undefined;
  readonly streamLimits: StreamLimits;
  /** How long a disconnected agent may take to come back before its work goes elsewhere. */
  readonly reattachGraceMs: number;
  /** The same, after a restart of the orchestrator. */
  readonly recoveryGraceMs: number;
  /** How long an agent is left alone with a capability at which it keeps failing. */
  readonly agentBreakerCoolDownMs: number;
  /** How long a step that keeps failing is held back. */
  readonly stepBreakerCoolDownMs: number;
  /** How long calls may take to finish at a stop. */
  readonly stopGraceMs: number;
  /** host:port where Prometheus reads the metrics. Unset: nothing is counted. */
  readonly metricsAddress?: string | undefined;
  /** Undefined: no spans are made. */
  readonly tracing?: TracingConfig | undefined;
};

/** What is set where nobody says otherwise. */
export const orchestratorDefaults = {
  cluster: "default",
  executionsInFlightMax: 100_000,
  snapshotEveryEvents: 1_000,
  definitionLimits: defaultDefinitionLimits,
  executionLimits: defaultExecutionLimits,
  diskFreeBytesMin: 64 * 1024 * 1024,
  streamLimits: streamLimitDefaults,
  reattachGraceMs: 5_000,
  recoveryGraceMs: 15_000,
  agentBreakerCoolDownMs: 10_000,
  stepBreakerCoolDownMs: 60_000,
  stopGraceMs: 5_000,
} as const;

const hourMs = 3_600_000;
const breakerCoolDown = { min: 1, max: hourMs };
const kib = 1_024;
const gib = kib ** 3;
const stepsCeiling = 100_000;
// A start holds a definition and an input in one message, beside labels and names.
const payloadBytesCeiling = messageBytesMax / 2;
const definitionBytesCeiling = messageBytesMax / 4;
const tebibyte = 1024 ** 4;

/** Reads the environment of a process. Throws a `ConfigError` that names every bad variable. */
export function readConfig(
  env: Environment = process.env,
): OrchestratorConfig & { readonly logLevel: string } {
  const reader = new ConfigReader(env);
  const defaults = orchestratorDefaults;
  const orchestratorId = reader.text("WEFT_ORCHESTRATOR_ID", hostname());
  const config = {
    ...readEndpoint(reader, "WEFT_ORCHESTRATOR_ADDRESS", "127.0.0.1:7400"),
    registryAddress: reader.address("WEFT_REGISTRY", "127.0.0.1:7401"),
    dataDirectory: reader.text("WEFT_DATA", "weft-data"),
    cluster: reader.text("WEFT_CLUSTER", defaults.cluster),
    orchestratorId,
    ...readEventBus(reader, orchestratorId),
    executionsInFlightMax: reader.integer("WEFT_EXECUTIONS_IN_FLIGHT_MAX", defaults.executionsInFlightMax, {
      min: 1,
      max: 10_000_000,
    }),
    snapshotEveryEvents: reader.integer("WEFT_SNAPSHOT_EVENTS", defaults.snapshotEveryEvents, {
      min: 10,
      max: 1_000_000,
    }),
    definitionLimits: readDefinitionLimits(reader),
    executionLimits: readExecutionLimits(reader),
    diskFreeBytesMin: reader.integer("WEFT_DISK_FREE_MIN", defaults.diskFreeBytesMin, {
      min: 0,
      max: tebibyte,
    }),
    ...readTimes(reader),
    metricsAddress: reader.optionalAddress("WEFT_METRICS_ADDRESS"),
    tracing: readTracing(reader),
    logLevel: reader.oneOf("WEFT_LOG_LEVEL", "info", ["debug", "info", "warn", "error"]),
  };
  reader.finish();
  return config;
}

function readEventBus(reader: ConfigReader, id: string): Pick<OrchestratorConfig, "nats" | "streamLimits"> {
  return { nats: readNats(reader, `weft orchestrator ${id}`), streamLimits: readStreamLimits(reader) };
}

function readTimes(reader: ConfigReader) {
  const defaults = orchestratorDefaults;
  const upToAnHour = { min: 0, max: hourMs };
  const duration = (name: string, fallbackMs: number, bounds = upToAnHour): number =>
    reader.durationMs(name, fallbackMs, bounds);
  return {
    reattachGraceMs: duration("WEFT_REATTACH_GRACE", defaults.reattachGraceMs),
    recoveryGraceMs: duration("WEFT_RECOVERY_GRACE", defaults.recoveryGraceMs),
    agentBreakerCoolDownMs: duration(
      "WEFT_AGENT_BREAKER_COOL_DOWN",
      defaults.agentBreakerCoolDownMs,
      breakerCoolDown,
    ),
    stepBreakerCoolDownMs: duration(
      "WEFT_STEP_BREAKER_COOL_DOWN",
      defaults.stepBreakerCoolDownMs,
      breakerCoolDown,
    ),
    stopGraceMs: duration("WEFT_STOP_GRACE", defaults.stopGraceMs),
  };
}

function readDefinitionLimits(reader: ConfigReader): DefinitionLimits {
  const defaults = defaultDefinitionLimits;
  const steps = { min: 1, max: stepsCeiling };
  return {
    stepsMax: reader.integer("WEFT_STEPS_MAX", defaults.stepsMax, steps),
    definitionBytesMax: reader.integer("WEFT_DEFINITION_BYTES_MAX", defaults.definitionBytesMax, {
      min: kib,
      max: definitionBytesCeiling,
    }),
    labelsMax: reader.integer("WEFT_LABELS_MAX", defaults.labelsMax, { min: 0, max: 256 }),
    expressionLengthMax: reader.integer("WEFT_EXPRESSION_LENGTH_MAX", defaults.expressionLengthMax, {
      min: 1,
      max: parserLengthMax,
    }),
    fanOutMax: reader.integer("WEFT_FAN_OUT_MAX", defaults.fanOutMax, steps),
  };
}

/** Each bounds the next, so that no payload is warned of that would be refused, and one always fits. */
function readExecutionLimits(reader: ConfigReader): ExecutionLimits {
  const defaults = defaultExecutionLimits;
  const payloadBytesMax = reader.integer("WEFT_PAYLOAD_BYTES_MAX", defaults.payloadBytesMax, {
    min: kib,
    max: payloadBytesCeiling,
  });
  const warnDefault = Math.min(defaults.payloadBytesWarn, payloadBytesMax);
  return {
    payloadBytesMax,
    payloadBytesWarn: reader.integer("WEFT_PAYLOAD_BYTES_WARN", warnDefault, {
      min: 1,
      max: payloadBytesMax,
    }),
    executionBytesMax: reader.integer("WEFT_EXECUTION_BYTES_MAX", defaults.executionBytesMax, {
      min: payloadBytesMax,
      max: gib,
    }),
  };
}
