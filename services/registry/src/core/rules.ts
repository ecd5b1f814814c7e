import type { ProbeRules } from "./health.ts";

/** What an installation chooses. */
export type Rules = {
  /** How long an agent counts as alive after its last sign of life. */
  readonly leaseMs: number;
  /** Undefined: agents are not probed. */
  readonly probes: ProbeRules | undefined;
};
