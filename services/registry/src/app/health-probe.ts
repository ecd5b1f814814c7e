/** How agents are asked whether they serve. */
export type HealthProbe = { open(address: string): ProbeTarget };

/** One agent to ask. */
export type ProbeTarget = {
  /** Asks once and calls `answered` once: undefined when it serves, else what is wrong in a few words. */
  check(timeoutMs: number, answered: (problem: string | undefined) => void): void;
  /** Lets go of the connection. What is still out may be answered or not. */
  close(): void;
};
