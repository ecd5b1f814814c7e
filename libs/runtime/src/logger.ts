import pino from "pino";

type Fields = Readonly<Record<string, unknown>>;

/** Structured logging: fields first, then a sentence. Never given payloads or credentials. */
export type Logger = {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
};

/** JSON lines on standard error, so that standard output stays free for results. */
export function createLogger(service: string, level: string): Logger {
  return pino({ base: { service }, level }, pino.destination({ fd: 2, sync: true }));
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
