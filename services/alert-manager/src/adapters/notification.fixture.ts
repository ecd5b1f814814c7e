import type { AlertView } from "../core/alert.ts";
import type { Notification } from "../core/notification.ts";

const startMs = Date.UTC(2030, 0, 1, 12);

/** A good alert, with what the test is about. */
export function alertView(differing: Partial<AlertView> = {}): AlertView {
  return {
    id: "85944171f73967e8-1",
    fingerprint: "85944171f73967e8",
    rule: "step-stuck",
    state: "firing",
    severity: "critical",
    labels: { namespace: "default", workflow: "release" },
    annotations: { executionId: "000-1", stepId: "publish" },
    summary: "publish of release has made no progress for 5m",
    startsAtMs: startMs,
    firedAtMs: startMs + 60_000,
    isFlapping: false,
    silencedBy: [],
    ...differing,
  };
}

/** A good notification, with what the test is about. */
export function notificationOf(differing: Partial<Notification> = {}): Notification {
  return {
    id: "n-1",
    dedupKey: "group-1",
    status: "firing",
    severity: "critical",
    receiver: "ops",
    stage: 0,
    createdAtMs: startMs + 60_000,
    groupLabels: { rule: "step-stuck", namespace: "default", workflow: "release" },
    alerts: [alertView()],
    alertsLeftOut: 0,
    ...differing,
  };
}
