import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { ConfigReader, type Environment, messageBytesMax, parseAddress } from "@weft/runtime/grpc";
import type { AgentDefinition } from "./agent.ts";
import type { Log } from "./context.ts";
import { findDevFile, type RegistryTarget, readDevFile } from "./dev-file.ts";
import { type LogLevel, logLevels } from "./log.ts";
import type { KeptBounds } from "./worker/core/kept-successes.ts";
import { workerLimits } from "./worker/core/limits.ts";

/**
 * How an agent is served. Each option wins over its environment variable, which wins over the default.
 *
 * @example
 * ```ts
 * const stop = new AbortController();
 * const stopped = agent.serve({ registry: "127.0.0.1:7401", token, signal: stop.signal });
 * stop.abort();
 * await stopped;
 * ```
 */
export type ServeOptions = {
  /**
   * host:port of the registry. WEFT_REGISTRY; without both, the nearest `.weft/dev.json` that `weft dev`
   * wrote, from the working directory upwards (WEFT_DIR names another folder than `.weft`).
   */
  readonly registry?: string | undefined;
  /** Shared with the registry, and asked of orchestrators. WEFT_TOKEN. */
  readonly token?: string | undefined;
  /** host:port to bind. WEFT_AGENT_ADDRESS; default 127.0.0.1:0, a free port on loopback. */
  readonly address?: string | undefined;
  /**
   * Where orchestrators reach the agent: host:port, or a host, to which the bound port is added.
   * WEFT_AGENT_ADVERTISE; default the bound address, or the host's name when that is every interface.
   */
  readonly advertise?: string | undefined;
  /** WEFT_AGENT_ID; default the agent's name and 8 random characters. */
  readonly agentId?: string | undefined;
  /** WEFT_AGENT_ZONE. */
  readonly zone?: string | undefined;
  /** WEFT_AGENT_REGION. */
  readonly region?: string | undefined;
  /** Milliseconds that draining may take before running steps are given up. WEFT_DRAIN_GRACE; default 25s. */
  readonly drainGraceMs?: number | undefined;
  /**
   * Bytes of one output as JSON, beyond which the step fails here. WEFT_PAYLOAD_BYTES_MAX; default 1 MiB, which is
   * also what orchestrators take by default.
   */
  readonly payloadBytesMax?: number | undefined;
  /**
   * Keeps successes in a file, so that an agent that was started anew answers a repeated step with the success of its
   * life before. WEFT_AGENT_IDEMPOTENCY_STORE names the file; default: they are kept in memory alone.
   */
  readonly idempotencyStore?: IdempotencyStoreOptions | undefined;
  /** Allows an address beyond loopback without a token. WEFT_INSECURE=1. */
  readonly insecure?: boolean | undefined;
  /** Drains the agent when it aborts, as SIGTERM does. */
  readonly signal?: AbortSignal | undefined;
  /** Takes the agent's log instead of standard error (at WEFT_LOG_LEVEL, default info). */
  readonly log?: Log | undefined;
};

/**
 * A file of successes, for one agent's process at a time: give each agent one on a disk that outlives it. A
 * success is written before its result is sent. All outputs together are bounded to 64 MiB.
 *
 * @example
 * ```ts
 * await agent.serve({ idempotencyStore: { file: "/var/lib/reviewer/successes.db", keptMs: 3_600_000 } });
 * ```
 */
export type IdempotencyStoreOptions = {
  /** An SQLite database; made, with its folder, when it is not there. */
  readonly file: string;
  /** Successes that are kept, the newest; 1 to 1,000,000. Default 10,000. */
  readonly successesMax?: number | undefined;
  /** Milliseconds for which a success is kept. Default 24 hours. */
  readonly keptMs?: number | undefined;
};

export type Config = {
  readonly agentId: string;
  readonly zone: string;
  readonly region: string;
  readonly address: string;
  /** What is registered, once the port is known. */
  readonly advertised: (port: number) => string;
  readonly drainGraceMs: number;
  readonly payloadBytesMax: number;
  readonly idempotencyStore: { readonly file: string; readonly bounds: KeptBounds } | undefined;
  readonly logLevel: LogLevel;
  /** Read anew before each connection: `weft dev` may have moved. */
  readonly locate: () => RegistryTarget;
};

const drainGraceMsMax = 24 * 3_600_000;
const successesMaxMax = 1_000_000;
const storedBytesMax = 64 * 1024 * 1024;

/** Throws an Error that names everything that is wrong and says what to do. */
export function readConfig(
  agent: AgentDefinition,
  options: ServeOptions,
  env: Environment = process.env,
  directory: string = process.cwd(),
): Config {
  const read = new ConfigReader(env);
  const locate = locator(read, options, directory);
  const address = options.address ?? read.address("WEFT_AGENT_ADDRESS", "127.0.0.1:0");
  const bound = parseAddress(address);
  if (!bound) read.note("address", JSON.stringify(address), "host:port, such as 0.0.0.0:7410");
  const advertise = options.advertise ?? read.text("WEFT_AGENT_ADVERTISE");
  if (advertise !== undefined && !parseAddress(advertisedAddress(advertise, "", 1)))
    read.note("WEFT_AGENT_ADVERTISE", JSON.stringify(advertise), "host:port or a host, such as 10.0.0.7");
  const insecure = options.insecure ?? read.boolean("WEFT_INSECURE", false);
  if (bound && !isLoopback(bound.host) && !locate().token && !insecure)
    read.note(
      "WEFT_AGENT_ADDRESS",
      JSON.stringify(address),
      "a loopback address, or a token (WEFT_TOKEN), or WEFT_INSECURE=1 to serve everybody who can reach it",
    );
  const config: Config = {
    agentId: options.agentId ?? read.text("WEFT_AGENT_ID", `${agent.name}-${randomBytes(4).toString("hex")}`),
    zone: options.zone ?? read.text("WEFT_AGENT_ZONE", agent.zone ?? ""),
    region: options.region ?? read.text("WEFT_AGENT_REGION", agent.region ?? ""),
    address,
    advertised: (port) => advertisedAddress(advertise, bound?.host ?? "", port),
    drainGraceMs:
      options.drainGraceMs ?? read.durationMs("WEFT_DRAIN_GRACE", 25_000, { min: 0, max: drainGraceMsMax }),
    payloadBytesMax:
      options.payloadBytesMax ??
      read.integer("WEFT_PAYLOAD_BYTES_MAX", workerLimits.payloadBytesMax, {
        min: 1_024,
        max: messageBytesMax / 2,
      }),
    idempotencyStore: idempotencyStoreOf(read, options.idempotencyStore),
    logLevel: read.oneOf<LogLevel>("WEFT_LOG_LEVEL", "info", logLevels),
    locate,
  };
  read.finish();
  return config;
}

function idempotencyStoreOf(
  read: ConfigReader,
  options: IdempotencyStoreOptions | undefined,
): Config["idempotencyStore"] {
  const file = options?.file ?? read.text("WEFT_AGENT_IDEMPOTENCY_STORE");
  if (file === undefined) return undefined;
  const { successesMax = 10_000, keptMs = 24 * 3_600_000 } = options ?? {};
  if (file === "") read.note("idempotencyStore.file", '""', "the path of a file");
  if (!Number.isInteger(successesMax) || successesMax < 1 || successesMax > successesMaxMax)
    read.note(
      "idempotencyStore.successesMax",
      String(successesMax),
      `a whole number from 1 to ${successesMaxMax}`,
    );
  if (!(keptMs > 0)) read.note("idempotencyStore.keptMs", String(keptMs), "milliseconds, more than 0");
  return { file, bounds: { countMax: successesMax, bytesMax: storedBytesMax, ageMsMax: keptMs } };
}

function locator(read: ConfigReader, options: ServeOptions, directory: string): () => RegistryTarget {
  const registry = options.registry ?? read.text("WEFT_REGISTRY");
  const token = options.token ?? read.secret("WEFT_TOKEN");
  if (registry !== undefined) {
    if (!parseAddress(registry))
      read.note("WEFT_REGISTRY", JSON.stringify(registry), "host:port, such as 127.0.0.1:7401");
    return () => ({ registry, token });
  }
  const folder = read.text("WEFT_DIR", ".weft");
  const path = findDevFile(directory, folder);
  if (path === undefined) throw new Error(noRegistry(directory, folder));
  let last: RegistryTarget = { registry: "", token };
  return () => {
    const found = readDevFile(path);
    if (found) last = { registry: found.registry, token: token ?? found.token };
    return last;
  };
}

function noRegistry(directory: string, folder: string): string {
  return [
    "the agent does not know where the registry is. Do one of these:",
    `  - start \`weft dev\` in ${directory} or a folder above it (no ${folder}/dev.json was found there)`,
    "  - set WEFT_REGISTRY to its host:port, and WEFT_TOKEN to its token",
    "  - pass both: agent.serve({ registry, token })",
  ].join("\n");
}

function advertisedAddress(advertise: string | undefined, boundHost: string, port: number): string {
  if (advertise === undefined) return joinAddress(isEveryInterface(boundHost) ? hostname() : boundHost, port);
  const given = parseAddress(advertise);
  return given ? joinAddress(given.host, given.port || port) : joinAddress(advertise, port);
}

function joinAddress(host: string, port: number): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
}

function isEveryInterface(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
