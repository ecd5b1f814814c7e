import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type AlertSchema,
  type MatcherSchema,
  type NotificationSchema,
  Severity as SeverityMessage,
  type SilenceSchema,
  AlertState as State,
  NotificationStatus as Status,
} from "@weft/proto/weft/alerts/v1/alerts_pb";
import type { AlertState, AlertView, Severity } from "../core/alert.ts";
import type { Delivery } from "../core/delivery.ts";
import type { Matchers } from "../core/matcher.ts";
import type { Notification } from "../core/notification.ts";
import type { Silence } from "../core/silence.ts";

export const stateMessages: Readonly<Record<AlertState, State>> = {
  pending: State.PENDING,
  firing: State.FIRING,
  acknowledged: State.ACKNOWLEDGED,
  resolved: State.RESOLVED,
};

export const severityMessages: Readonly<Record<Severity, SeverityMessage>> = {
  info: SeverityMessage.INFO,
  warning: SeverityMessage.WARNING,
  critical: SeverityMessage.CRITICAL,
};

const statusMessages: Readonly<Record<Delivery["status"], Status>> = {
  pending: Status.PENDING,
  delivered: Status.DELIVERED,
  failed: Status.FAILED,
};

export function fromAlert(alert: AlertView): MessageInitShape<typeof AlertSchema> {
  const { id, state, severity, startsAtMs, firedAtMs, endsAtMs, acknowledgement } = alert;
  return {
    alertId: id,
    fingerprint: alert.fingerprint,
    rule: alert.rule,
    state: stateMessages[state],
    severity: severityMessages[severity],
    labels: { ...alert.labels },
    annotations: { ...alert.annotations },
    summary: alert.summary,
    startTime: timestampFromMs(startsAtMs),
    ...(firedAtMs !== undefined && { fireTime: timestampFromMs(firedAtMs) }),
    ...(endsAtMs !== undefined && { endTime: timestampFromMs(endsAtMs) }),
    ...(acknowledgement && {
      acknowledgement: {
        by: acknowledgement.by,
        comment: acknowledgement.comment,
        time: timestampFromMs(acknowledgement.atMs),
      },
    }),
    flapping: alert.isFlapping,
    silencedBy: [...alert.silencedBy],
    inhibitedBy: alert.inhibitedBy ?? "",
  };
}

export function fromDelivery(delivery: Delivery): MessageInitShape<typeof NotificationSchema> {
  const { notification, status, failures, reason, endedAtMs } = delivery;
  return {
    ...fromNotification(notification),
    status: statusMessages[status],
    failures,
    reason,
    ...(endedAtMs !== undefined && { endTime: timestampFromMs(endedAtMs) }),
  };
}

/** One that is not sent. */
export function fromNotification(notification: Notification): MessageInitShape<typeof NotificationSchema> {
  const { id, receiver, status, severity, stage, createdAtMs, alerts } = notification;
  return {
    notificationId: id,
    receiver,
    said: stateMessages[status],
    severity: severityMessages[severity],
    stage,
    status: Status.PENDING,
    createTime: timestampFromMs(createdAtMs),
    alerts: alerts.map(({ fingerprint }) => fingerprint),
  };
}

export function fromSilence(silence: Silence): MessageInitShape<typeof SilenceSchema> {
  const { id, matchers, startsAtMs, untilMs, by, comment } = silence;
  return {
    silenceId: id,
    matchers: fromMatchers(matchers),
    startTime: timestampFromMs(startsAtMs),
    endTime: timestampFromMs(untilMs),
    by,
    comment,
  };
}

export function fromMatchers(matchers: Matchers): MessageInitShape<typeof MatcherSchema>[] {
  return Object.entries(matchers).map(([label, patterns]) => ({ label, patterns: [...patterns] }));
}
