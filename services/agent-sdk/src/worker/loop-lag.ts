import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "@weft/runtime/grpc";
import type { Log } from "../context.ts";

/** How late this process's event loop runs. */
export type LagMeter = {
  /** The longest that it was late since the last read, in milliseconds. */
  read(): number;
  close(): void;
};

const resolutionMs = 20;
const windowMs = 5_000;
/** What is told to others is of the last half minute, so that they need not ask in time. */
const windowsTold = 6;
const lagMsHigh = 250;
/** Between two warnings while it stays high. */
const repeatMs = 60_000;

/** Measured by perf_hooks: a timer of 20 ms, and how much later than that it comes. */
export function eventLoopMeter(): LagMeter {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return {
    read() {
      // A histogram of nanoseconds; without a value its maximum is 0.
      const longestMs = Math.max(0, histogram.max / 1e6 - resolutionMs);
      histogram.reset();
      return longestMs;
    },
    close: () => void histogram.disable(),
  };
}

export type LoopLag = {
  /** The longest that the event loop was late in the last 25 to 30 s, in whole milliseconds. */
  longestMs(): number;
  stop(): void;
};

/**
 * Warns while a handler that computes holds up the event loop, and with it heartbeats, progress, cancels and every
 * other step of this agent.
 */
export function watchLoopLag(
  meter: LagMeter,
  { clock, log, running }: { readonly clock: Clock; readonly log: Log; readonly running: () => number },
): LoopLag {
  const windows: number[] = [];
  let warnedAtMs = Number.NEGATIVE_INFINITY;
  let isHigh = false;
  const look = (): void => {
    const longestMs = Math.round(meter.read());
    windows.push(longestMs);
    if (windows.length > windowsTold) windows.shift();
    const nowMs = clock.monotonic();
    if (longestMs < lagMsHigh) {
      if (isHigh) log.info("event loop in time again", { longestMs });
      isHigh = false;
      warnedAtMs = Number.NEGATIVE_INFINITY;
    } else if (nowMs - warnedAtMs >= repeatMs) {
      const advice = "move what computes to a worker thread";
      log.warn("event loop held up", { longestMs, windowMs, running: running(), advice });
      isHigh = true;
      warnedAtMs = nowMs;
    }
    cancel = clock.after(windowMs, look);
  };
  let cancel = clock.after(windowMs, look);
  return {
    longestMs: () => Math.max(0, ...windows),
    stop() {
      cancel();
      meter.close();
    },
  };
}
