import pino, { type DestinationStream } from "pino";
import { withoutCredentials, withoutSecrets } from "./redaction.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Structured logging: fields first, then a sentence. Never given payloads or credentials. */
export type Logger = {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
};

/**
 * JSON lines on standard error, so that standard output stays free for results: level, time, service, what
 * the line is about, message, in the words of docs/reference/logs.md. What looks like a credential is left out.
 */
export function createLogger(
  service: string,
  level: string,
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger {
  return pino(
    {
      base: { service },
      level,
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: withoutSecrets },
      hooks: { streamWrite: withoutCredentials },
    },
    destination,
  );
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
