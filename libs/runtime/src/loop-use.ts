import { performance } from "node:perf_hooks";

/** Of what it had to do, the loop got so much processor time at least where the machine is not full. */
const servedMin = 0.8;

/**
 * Tells, each time, how full the thread was since the last time, from 0 to 1: which share of it the event loop had
 * something to do; 1 also when others kept it from running meanwhile, so that the machine is full.
 */
export function loopUse(): () => number {
  let lastUse = performance.eventLoopUtilization();
  let lastCpu = process.threadCpuUsage();
  return () => {
    const use = performance.eventLoopUtilization();
    const { utilization, active } = performance.eventLoopUtilization(use, lastUse);
    const cpu = process.threadCpuUsage();
    const servedMs = (cpu.user - lastCpu.user + cpu.system - lastCpu.system) / 1_000;
    lastUse = use;
    lastCpu = cpu;
    return servedMs < servedMin * active ? 1 : utilization;
  };
}
