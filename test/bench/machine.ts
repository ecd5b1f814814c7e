import { availableParallelism, cpus, totalmem } from "node:os";

/** What the figures depend on. */
export type Machine = {
  readonly cores: number;
  readonly cpu: string;
  readonly memory_mb: number;
  readonly node: string;
};

export function thisMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() || "unknown",
    memory_mb: Math.round(totalmem() / 2 ** 20),
    node: process.version,
  };
}
