import { readFileSync } from "node:fs";
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
} from "@nats-io/transport-node";
import { backoffMs } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { Delay } from "../delay.ts";
import type { Logger } from "../logger.ts";
import type { NatsConnectionConfig } from "../nats-config.ts";

export type NatsPorts = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
};

const reconnect = { initialMs: 100, maxMs: 2_000 };
const connectMsMax = 5_000;
/** Three pings without an answer: a server that has frozen is given up after as long. */
const pingMs = 5_000;
const pingsUnansweredMax = 3;

/**
 * A connection to NATS that is kept for ever: lost, refused or never there, it is tried again, with jitter. Nobody
 * waits for it; what needs it asks whether it is there.
 */
export class NatsLink {
  readonly #config: NatsConnectionConfig;
  readonly #ports: NatsPorts;
  readonly #listeners = new Set<(isConnected: boolean) => void>();
  readonly #ended: Promise<void>;
  #connection: NatsConnection | undefined;
  #isConnected = false;
  #isClosed = false;
  #lostAt = 0;
  #lastReason = "";
  readonly #delay: Delay;

  constructor(config: NatsConnectionConfig, ports: NatsPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#delay = new Delay(ports.clock);
    this.#ended = this.#keep();
  }

  /** Undefined while there is none. */
  get connection(): NatsConnection | undefined {
    return this.#isConnected ? this.#connection : undefined;
  }

  /** Calls at every change. Returns what ends it. */
  onChange(run: (isConnected: boolean) => void): () => void {
    this.#listeners.add(run);
    return () => void this.#listeners.delete(run);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#delay.end();
    await this.#connection?.close();
    await this.#ended;
  }

  async #keep(): Promise<void> {
    for (let failures = 1; !this.#isClosed; failures++) {
      const connection = await this.#connect();
      if (connection) {
        failures = 0;
        await this.#watch(connection);
      } else await this.#delay.for(backoffMs(reconnect, failures, this.#ports.random));
    }
  }

  async #connect(): Promise<NatsConnection | undefined> {
    try {
      const connection = await connect(this.#options());
      this.#connection = connection;
      if (this.#isClosed) await connection.close();
      return connection;
    } catch (error) {
      this.#note(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #options(): ConnectionOptions {
    const { servers, name, credentialsFile, token, tls } = this.#config;
    const wantsTls = tls !== undefined || servers.some((url) => url.startsWith("tls://"));
    return {
      servers: [...servers],
      name,
      timeout: connectMsMax,
      pingInterval: pingMs,
      maxPingOut: pingsUnansweredMax,
      maxReconnectAttempts: -1,
      // Credentials may be renewed: an answer of today need not be that of tomorrow.
      ignoreAuthErrorAbort: true,
      reconnectDelayHandler: () => this.#reconnectMs(),
      ...(wantsTls && { tls: filesOf(tls) }),
      ...(token !== undefined && { token }),
      ...(credentialsFile && { authenticator: credsAuthenticator(() => readFileSync(credentialsFile)) }),
    };
  }

  /** Asked several times for one attempt, so it counts none: the longer NATS is gone, the less often it is tried. */
  #reconnectMs(): number {
    const goneMs = this.#ports.clock.monotonic() - this.#lostAt;
    return backoffMs(
      { initialMs: Math.max(reconnect.initialMs, goneMs / 4), maxMs: reconnect.maxMs },
      1,
      this.#ports.random,
    );
  }

  async #watch(connection: NatsConnection): Promise<void> {
    this.#changed(true);
    for await (const status of connection.status()) {
      if (status.type === "disconnect") this.#changed(false);
      else if (status.type === "reconnect") this.#changed(true);
      else if (status.type === "error") this.#note(status.error.message);
    }
    await connection.closed();
    this.#changed(false);
  }

  #changed(isConnected: boolean): void {
    if (this.#isConnected === isConnected) return;
    this.#isConnected = isConnected;
    const { clock, logger } = this.#ports;
    this.#lostAt = clock.monotonic();
    if (isConnected) {
      this.#lastReason = "";
      logger.info({ servers: this.#config.servers }, "connected to NATS");
    } else if (!this.#isClosed) logger.warn({ servers: this.#config.servers }, "NATS is lost; reconnecting");
    for (const run of this.#listeners) run(isConnected);
  }

  /** Once for each reason: it is tried again and again. */
  #note(reason: string): void {
    if (reason === this.#lastReason || this.#isClosed) return;
    this.#lastReason = reason;
    this.#ports.logger.warn({ servers: this.#config.servers, reason }, "NATS does not answer; trying again");
  }
}

function filesOf(tls: NatsConnectionConfig["tls"]): NonNullable<ConnectionOptions["tls"]> {
  const { caFile, certFile, keyFile } = tls ?? {};
  return { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) };
}
