import type { SignalKind } from "./rule.ts";

type Terms = {
  /** What tells the alerts of a rule apart. */
  readonly labels: readonly string[];
  /** What else a summary may name. */
  readonly annotations: readonly string[];
};

const late = ["count", "examples", "longest"];
const burn = ["failed", "total", "rate", "burn", "objective"];

/** The labels and annotations of the alerts of each kind of signal. */
export const signalTerms: Readonly<Record<SignalKind, Terms>> = {
  execution_sla: { labels: ["namespace", "workflow"], annotations: late },
  step_sla: { labels: ["namespace", "workflow", "capability"], annotations: late },
  error_burn: { labels: ["namespace", "workflow", "capability"], annotations: burn },
  step_stuck: { labels: ["namespace", "workflow", "capability"], annotations: late },
  retry_storm: { labels: ["namespace", "workflow", "capability"], annotations: ["again", "sends", "rate"] },
  queue_age: { labels: ["namespace", "capability"], annotations: late },
  no_capacity: { labels: ["capability"], annotations: late },
  breaker_open: {
    labels: ["breaker", "of", "namespace", "workflow", "step", "agent", "capability"],
    annotations: ["state", "since"],
  },
  agent_lost: { labels: ["agent", "name"], annotations: ["state", "reason", "capabilities", "zone"] },
  agent_flapping: { labels: ["agent", "name"], annotations: ["changes", "state"] },
  outbox_lag: { labels: ["shard"], annotations: ["lag", "events"] },
  dependency_unreachable: { labels: ["dependency"], annotations: ["reason", "since"] },
  execution_quarantined: { labels: ["namespace", "workflow"], annotations: ["count", "examples", "reason"] },
};
