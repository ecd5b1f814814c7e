import type { Log, LogFields } from "../context.ts";
import type { LogLevel } from "../log.ts";
import { Inbox } from "./inbox.ts";

/** A line that was logged. */
export type LogLine = { readonly level: LogLevel; readonly message: string; readonly fields: LogFields };

/** A log that keeps its lines in place of writing them. */
export type RecordedLog = {
  readonly log: Log;
  readonly lines: readonly LogLine[];
  /** The oldest line with this message that was not taken yet, or the next to come. */
  readonly logged: (message: string) => Promise<LogLine>;
};

export function recordedLog(): RecordedLog {
  const lines: LogLine[] = [];
  const inbox = new Inbox<{ readonly case: string; readonly line: LogLine }>();
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      const line = { level, message, fields };
      lines.push(line);
      inbox.add({ case: message, line });
    };
  return {
    log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    lines,
    logged: async (message) => (await inbox.next(message)).line,
  };
}
