import type { ProbeRules } from "./health.ts";

/** What an installation chooses. */
export type Rules = {
  /** How long an agent counts as alive after its last sign of life. */
  readonly leaseMs: number;
  /** For how long after its last sign of life a silent agent is kept as SUSPECT while most are silent; 0: never. */
  readonly preserveMs: number;
  /** Undefined: agents are not probed. */
  readonly probes: ProbeRules | undefined;
};
