import { type Alert, type AlertView, alertId } from "./alert.ts";
import { isFlapping } from "./alert-input.ts";
import type { Mute } from "./mutes.ts";
import type { Flapping } from "./rule.ts";

/** An alert as people and receivers see it. */
export function viewOf(alert: Alert, mute: Mute | undefined, flapping: Flapping, nowMs: number): AlertView {
  const { fingerprint, rule, state, severity, labels, annotations, summary, startsAtMs } = alert;
  return {
    id: alertId(alert),
    fingerprint,
    rule,
    state,
    severity,
    labels,
    annotations,
    summary,
    startsAtMs,
    ...("firedAtMs" in alert && { firedAtMs: alert.firedAtMs }),
    ...(alert.state === "resolved" && { endsAtMs: alert.endsAtMs }),
    ...("acknowledgement" in alert && { acknowledgement: alert.acknowledgement }),
    isFlapping: alert.state !== "pending" && isFlapping(alert, flapping, nowMs),
    silencedBy: mute?.silencedBy ?? [],
    ...(mute?.inhibitedBy !== undefined && { inhibitedBy: mute.inhibitedBy }),
  };
}
