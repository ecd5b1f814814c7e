import type { Clock } from "@weft/runtime/clock";
import type { Logger } from "@weft/runtime/logger";
import { withoutSecrets } from "@weft/runtime/redaction";
import { type Line, paintLine, spanOf } from "../render/line.ts";
import type { Style } from "../render/paint.ts";
import { timeOfDay } from "../render/time.ts";
import { type Screen, writeText } from "../terminal/screen.ts";

type Fields = Parameters<Logger["info"]>[0];
type Level = keyof Logger;

type Options = {
  readonly screen: Screen;
  readonly clock: Clock;
  /** All of it; otherwise only what is wrong. */
  readonly verbose: boolean;
};

const styles: Readonly<Record<Level, Style>> = { debug: "dim", info: "cyan", warn: "yellow", error: "red" };

/** A service's log as lines for a developer. */
export function consoleLogger(service: string, { screen, clock, verbose }: Options): Logger {
  const at = (level: Level) => (given: Fields, message: string) => {
    const fields = withoutSecrets(given);
    if (!verbose && (level === "debug" || level === "info")) return;
    const place: Line = [
      spanOf(`${timeOfDay(clock.now())}  `, "dim"),
      spanOf(level.padEnd(5), styles[level]),
      spanOf(`  ${service}  `, "dim"),
    ];
    writeText(screen, paintLine([...place, ...logSpans(fields, message)], screen.paint));
    if (verbose && fields["err"] instanceof Error) writeText(screen, fields["err"].stack ?? "");
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function logSpans({ err, ...fields }: Fields, message: string): Line {
  return [
    spanOf(message),
    ...Object.entries(fields).map(([key, value]) => spanOf(`  ${key}=${valueText(value)}`, "dim")),
    ...(err === undefined ? [] : [spanOf(`  ${valueText(err)}`, "red")]),
  ];
}

function valueText(value: unknown): string {
  if (value instanceof Error) return value.message;
  return typeof value === "string" ? value : (JSON.stringify(value) ?? typeof value);
}
