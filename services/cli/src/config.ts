import { ConfigReader, type Environment } from "@weft/runtime/config-reader";
import { type NatsConnectionConfig, readNats } from "@weft/runtime/nats-config";
import { readTracing, type TracingConfig } from "@weft/runtime/tracing-config";

/** What the environment says. An option on the command line wins over each of these. */
export type Config = {
  /** host:port. */
  readonly orchestrator: string | undefined;
  /** host:port. */
  readonly registry: string | undefined;
  /** host:port of the alert manager. */
  readonly alerts: string | undefined;
  readonly token: string | undefined;
  /** All of it, for references of alert receivers to secrets. */
  readonly environment: Environment;
  readonly namespace: string;
  /** Who acknowledges and silences; undefined: nobody in particular. */
  readonly user: string | undefined;
  /** The data folder of `weft dev`, sought from the working directory upwards. */
  readonly folder: string;
  /** The NATS that `weft dev --nats` uses; undefined: one of its own. */
  readonly nats: NatsConnectionConfig | undefined;
  /** The folders that programs are sought in. */
  readonly path: string;
  /** Undefined: when the stream is a terminal. */
  readonly color: boolean | undefined;
  /** The terminal can draw over its own lines. */
  readonly isLive: boolean;
  /** Of `weft dev`. Undefined: no spans are made. */
  readonly tracing: TracingConfig | undefined;
};

/** Throws a `ConfigError` that names every bad variable. */
export function readConfig(env: Environment = process.env): Config {
  const read = new ConfigReader(env);
  const config = {
    orchestrator: optionalAddress(read, "WEFT_ORCHESTRATOR"),
    registry: optionalAddress(read, "WEFT_REGISTRY"),
    alerts: optionalAddress(read, "WEFT_ALERTS"),
    token: read.secret("WEFT_TOKEN"),
    environment: env,
    namespace: read.text("WEFT_NAMESPACE", ""),
    user: read.text("USER"),
    folder: read.text("WEFT_DIR", ".weft"),
    nats: readNats(read, "weft dev"),
    path: read.text("PATH", ""),
    color: colorOf(read),
    isLive: read.text("TERM") !== "dumb" && read.text("CI") === undefined,
    tracing: readTracing(read),
  };
  read.finish();
  return config;
}

function optionalAddress(read: ConfigReader, name: string): string | undefined {
  return read.text(name) === undefined ? undefined : read.address(name, "");
}

/** https://no-color.org and its opposite. */
function colorOf(read: ConfigReader): boolean | undefined {
  if (read.text("NO_COLOR") !== undefined) return false;
  const force = read.text("FORCE_COLOR");
  return force === undefined ? undefined : force !== "0";
}
