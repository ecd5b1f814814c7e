import { type EventLoopUtilization, performance } from "node:perf_hooks";

/** Tells, each time, which share of the time since the last time the event loop had something to do: 0 to 1. */
export function loopUse(): () => number {
  let last: EventLoopUtilization = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
