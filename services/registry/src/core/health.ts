/** How one probe of an agent ended. */
export type Probe = {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Undefined: the agent answered that it serves. */
  readonly problem: string | undefined;
};

/** What the probes of an agent add up to. */
export type Health = {
  /** UNKNOWN: no probe has decided it yet. */
  readonly verdict: "UNKNOWN" | "HEALTHY" | "UNHEALTHY";
  readonly failuresInRow: number;
  readonly successesInRow: number;
  /** Undefined: none yet. */
  readonly lastProbe: Probe | undefined;
};

/** How many probes in a row change the verdict: single ones must not make an agent flap. */
export type ProbeRules = {
  /** So many failures make an agent UNHEALTHY. */
  readonly failuresMax: number;
  /** So many successes make an UNHEALTHY agent healthy again; the first ever needs one. */
  readonly successesMin: number;
};

/** Of an agent that was never probed. Without rules nobody probes, and every agent counts as healthy. */
export function unprobed(rules: ProbeRules | undefined): Health {
  const verdict = rules ? "UNKNOWN" : "HEALTHY";
  return { verdict, failuresInRow: 0, successesInRow: 0, lastProbe: undefined };
}

/** The health after one more probe. */
export function probed(health: Health, probe: Probe, rules: ProbeRules): Health {
  const failed = probe.problem !== undefined;
  const failuresInRow = failed ? health.failuresInRow + 1 : 0;
  const successesInRow = failed ? 0 : health.successesInRow + 1;
  const { verdict } = health;
  const counted = { failuresInRow, successesInRow, lastProbe: probe };
  if (failuresInRow >= rules.failuresMax) return { ...counted, verdict: "UNHEALTHY" };
  if (failed) return { ...counted, verdict };
  const recovers = verdict !== "UNHEALTHY" || successesInRow >= rules.successesMin;
  return { ...counted, verdict: recovers ? "HEALTHY" : verdict };
}
