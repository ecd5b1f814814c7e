import { type Line, paintLine, wrapLine } from "../render/line.ts";
import type { Paint } from "../render/paint.ts";

/** What log-update and we need of a standard stream. */
export type ScreenStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** One standard stream and what it can show. */
export type Screen = {
  readonly stream: ScreenStream;
  /** Lines on it can be drawn anew in place. */
  readonly isLive: boolean;
  readonly paint: Paint;
};

/** Lines that go to a file or a pipe are never cut. */
const unlimited = Number.POSITIVE_INFINITY;

/** Asked before each drawing: the window may have changed. */
export function columnsOf({ stream }: Screen): number {
  return stream.isTTY ? (stream.columns ?? 80) : unlimited;
}

export function rowsOf({ stream }: Screen): number {
  return stream.isTTY ? (stream.rows ?? 24) : unlimited;
}

export function writeText({ stream }: Screen, text: string): void {
  stream.write(`${text}\n`);
}

export function writeLines(screen: Screen, lines: readonly Line[]): void {
  if (lines.length === 0) return;
  writeText(screen, lines.map((line) => paintLine(line, screen.paint)).join("\n"));
}

/** Text that must not be cut: what does not fit goes on below, indented. */
export function writeWrapped(screen: Screen, lines: readonly Line[], indent: number): void {
  const columns = columnsOf(screen);
  writeLines(
    screen,
    lines.flatMap((line) => wrapLine(line, columns, indent)),
  );
}
