import { withoutCredentials, withoutSecrets } from "@weft/runtime/grpc";
import type { Log, LogFields } from "./context.ts";

const levels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof levels)[number];
export const logLevels: readonly LogLevel[] = levels;

export type LogSink = {
  /** One line, with its newline. */
  write(line: string): void;
  /** Readable text instead of JSON. */
  readonly readable: boolean;
  now(): number;
};

/** Writes lines of at least `level`, each with `base`. */
export function createLog(sink: LogSink, level: LogLevel, base: LogFields): Log {
  const render = sink.readable ? readableLine : jsonLine;
  const lineOf = (line: Line): string =>
    withoutCredentials(render({ ...line, fields: withoutSecrets(line.fields) }));
  const at = (wanted: LogLevel) => {
    if (levels.indexOf(wanted) < levels.indexOf(level)) return () => {};
    return (message: string, fields?: LogFields) =>
      sink.write(`${lineOf({ level: wanted, time: sink.now(), message, base, fields: fields ?? {} })}\n`);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** The same log, with more fields on each line. */
export function withFields(log: Log, more: LogFields): Log {
  return {
    debug: (message, fields) => log.debug(message, { ...more, ...fields }),
    info: (message, fields) => log.info(message, { ...more, ...fields }),
    warn: (message, fields) => log.warn(message, { ...more, ...fields }),
    error: (message, fields) => log.error(message, { ...more, ...fields }),
  };
}

type Line = {
  readonly level: LogLevel;
  readonly time: number;
  readonly message: string;
  readonly base: LogFields;
  readonly fields: LogFields;
};

function jsonLine({ level, time, message, base, fields }: Line): string {
  return stringify({ level, time: new Date(time).toISOString(), ...base, message, ...fields });
}

function readableLine({ level, time, message, fields }: Line): string {
  const clock = new Date(time).toISOString().slice(11, 19);
  const isShown = (name: string): boolean => !("dispatchId" in fields && saidByDispatchId.has(name));
  const shown = Object.entries(fields).filter(([name]) => isShown(name));
  const facts = shown.map(
    ([name, value]) => ` ${name}=${typeof value === "string" ? value : stringify(value)}`,
  );
  const mark = level === "info" ? "" : `${level} `;
  return `${clock} ${mark}${message}${facts.join("")}`;
}

/** To a person, the dispatch id says them all. */
const saidByDispatchId: ReadonlySet<string> = new Set(["executionId", "stepId", "namespace", "traceId"]);

function printable(part: unknown): unknown {
  if (part instanceof Error) return part.stack ?? part.message;
  return typeof part === "bigint" ? String(part) : part;
}

/** A line that can't be written must not fail the step that logs it. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part: unknown) => printable(part));
  } catch {
    return '"unprintable"';
  }
}
