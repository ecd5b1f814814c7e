import type { ConfigReader } from "./config-reader.ts";

/** How a process reaches NATS. */
export type NatsConnectionConfig = {
  /** nats://host:port or tls://host:port, one or several of a cluster. */
  readonly servers: readonly string[];
  /** Tells operators of NATS who it is. */
  readonly name: string;
  /** A `.creds` file; read anew at every connect. */
  readonly credentialsFile?: string | undefined;
  /** For a server that asks for no more than a shared token. */
  readonly token?: string | undefined;
  /** PEM files. Unset: the server decides, against the system's authorities. */
  readonly tls?: NatsTlsFiles | undefined;
};

export type NatsTlsFiles = {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
};

/** What the stream of events holds at most; what is older or more goes, and consumers read the log instead. */
export type StreamLimits = {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  /** Of one message, its headers included. */
  readonly messageBytesMax: number;
  readonly replicas: number;
};

export const streamLimitDefaults: StreamLimits = {
  maxAgeMs: 24 * 3_600_000,
  maxBytes: 1024 ** 3,
  messageBytesMax: 256 * 1024,
  replicas: 1,
};

const server = /^(?:nats|tls):\/\/(?:\[[0-9a-fA-F:.]{2,45}\]|[a-zA-Z0-9.-]{1,253})(?::\d{1,5})?$/;
const tebibyte = 1024 ** 4;
const yearMs = 365 * 24 * 3_600_000;

/** Undefined: no NATS is configured. Notes every bad variable; never shows what may be a secret. */
export function readNats(read: ConfigReader, name: string): NatsConnectionConfig | undefined {
  const servers = (read.text("WEFT_NATS_URL") ?? "").split(",").map((url) => url.trim());
  const tls = readTls(read);
  const credentialsFile = read.text("WEFT_NATS_CREDENTIALS_FILE");
  if (servers.length === 1 && servers[0] === "") {
    if (credentialsFile || tls) read.note("WEFT_NATS_URL", '""', "set, since other settings of NATS are");
    return undefined;
  }
  if (!servers.every((url) => server.test(url)))
    read.note(
      "WEFT_NATS_URL",
      "(hidden)",
      "nats://host:port or tls://host:port, several with commas; credentials belong into WEFT_NATS_CREDENTIALS_FILE",
    );
  return { servers, name, credentialsFile, tls };
}

export function readStreamLimits(read: ConfigReader): StreamLimits {
  const defaults = streamLimitDefaults;
  return {
    maxAgeMs: read.durationMs("WEFT_NATS_STREAM_AGE_MAX", defaults.maxAgeMs, { min: 1_000, max: yearMs }),
    maxBytes: read.integer("WEFT_NATS_STREAM_BYTES_MAX", defaults.maxBytes, {
      min: 1024 ** 2,
      max: tebibyte,
    }),
    messageBytesMax: read.integer("WEFT_NATS_MESSAGE_BYTES_MAX", defaults.messageBytesMax, {
      min: 1_024,
      max: 8 * 1024 ** 2,
    }),
    replicas: read.integer("WEFT_NATS_STREAM_REPLICAS", defaults.replicas, { min: 1, max: 5 }),
  };
}

function readTls(read: ConfigReader): NatsTlsFiles | undefined {
  const caFile = read.text("WEFT_NATS_TLS_CA_FILE");
  const certFile = read.text("WEFT_NATS_TLS_CERT_FILE");
  const keyFile = read.text("WEFT_NATS_TLS_KEY_FILE");
  if (certFile && !keyFile) read.note("WEFT_NATS_TLS_KEY_FILE", '""', "the key of WEFT_NATS_TLS_CERT_FILE");
  if (keyFile && !certFile)
    read.note("WEFT_NATS_TLS_CERT_FILE", '""', "the certificate of WEFT_NATS_TLS_KEY_FILE");
  return caFile || certFile || keyFile ? { caFile, certFile, keyFile } : undefined;
}
