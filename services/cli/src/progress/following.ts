import type { Context } from "../context.ts";
import { lineOf } from "../render/line.ts";
import { durationText } from "../render/time.ts";
import { writeLines } from "../terminal/screen.ts";
import type { ConnectionChange } from "./reconnects.ts";

/** Runs until it ends or Ctrl-C aborts the signal. */
export async function untilInterrupted(
  { interrupts }: Pick<Context, "interrupts">,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const left = new AbortController();
  const release = interrupts.listen(() => left.abort());
  try {
    await run(left.signal);
  } finally {
    release();
  }
}

/** A stream was lost or is there again: for people, on standard error. */
export function tellConnection(change: ConnectionChange, { err }: Pick<Context, "err">): void {
  const text =
    change.kind === "lost"
      ? `connection lost; trying again in ${durationText(change.retryInMs)}`
      : "connected again";
  writeLines(err, [lineOf(text, "yellow")]);
}
