import { cpus } from "node:os";
import type { Child } from "./processes/child.ts";

/** How many cores something kept busy on average. */
export type Cores = {
  readonly children: readonly { readonly name: string; readonly cores: number }[];
  /** All that is not the bench: what disturbs its figures. */
  readonly others: number;
};

type Reading = {
  readonly atMs: number;
  readonly machineMs: number;
  readonly selfMs: number;
  readonly childrenMs: readonly number[];
};

/** Runs something and tells what it cost the machine. */
export async function metered<T>(
  children: readonly Child<unknown>[],
  run: () => Promise<T>,
): Promise<{ readonly value: T; readonly cores: Cores }> {
  const before = await read(children);
  const value = await run();
  return { value, cores: between(children, before, await read(children)) };
}

async function read(children: readonly Child<unknown>[]): Promise<Reading> {
  const usages = await Promise.all(children.map((child) => child.usage()));
  const { user, system } = process.cpuUsage();
  return {
    atMs: performance.now(),
    machineMs: cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0),
    selfMs: (user + system) / 1_000,
    childrenMs: usages.map(({ cpuMs }) => cpuMs),
  };
}

function between(children: readonly Child<unknown>[], before: Reading, after: Reading): Cores {
  const tookMs = after.atMs - before.atMs;
  const cores = children.map(({ name }, index) => {
    const usedMs = after.childrenMs[index]! - before.childrenMs[index]!;
    return { name, cores: usedMs / tookMs };
  });
  const machine = (after.machineMs - before.machineMs) / tookMs;
  const own = cores.reduce((sum, child) => sum + child.cores, (after.selfMs - before.selfMs) / tookMs);
  // The machine's clock ticks in steps of 10 ms.
  return { children: cores, others: Math.max(0, machine - own) };
}
