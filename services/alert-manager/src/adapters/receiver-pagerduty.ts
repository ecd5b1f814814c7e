import type { Clock } from "@weft/runtime/clock";
import type { Receiver } from "../app/ports.ts";
import type { Notification } from "../core/notification.ts";
import { post } from "./http-post.ts";
import { fitText, groupText, labelsText, leftOutText } from "./notification-text.ts";
import type { ReadSecret } from "./secret.ts";

/** PagerDuty's limit. */
const summaryCharsMax = 1_024;
/** With the limits on labels, the event stays below PagerDuty's 512 KB. */
const alertsMax = 20;

const actions = { firing: "trigger", acknowledged: "acknowledge", resolved: "resolve" } as const;

/** Events API v2: one incident for each group of alerts, which the group's dedup key names. */
export function pagerDutyReceiver(
  clock: Clock,
  options: { readonly url: ReadSecret; readonly routingKey: ReadSecret },
): Receiver {
  return {
    async send(notification, signal) {
      const routingKey = await options.routingKey();
      const body = JSON.stringify(pagerDutyEvent(notification, routingKey));
      return post(clock, { url: await options.url(), body, signal, secrets: [routingKey] });
    },
  };
}

/** What is triggered tells all; what ends it names it. */
export function pagerDutyEvent(notification: Notification, routingKey: string): object {
  const { status, dedupKey } = notification;
  const event = { routing_key: routingKey, event_action: actions[status], dedup_key: dedupKey };
  return status === "firing" ? { ...event, client: "Weft", payload: payloadOf(notification) } : event;
}

function payloadOf(notification: Notification): object {
  const { severity, createdAtMs, groupLabels, stage } = notification;
  const shown = notification.alerts.slice(0, alertsMax);
  const [first] = shown;
  const more = leftOutText(notification, notification.alerts.length - shown.length);
  return {
    summary: fitText(
      [first?.summary ?? groupText(notification), more].filter(Boolean).join(", "),
      summaryCharsMax,
    ),
    source: "weft",
    severity,
    timestamp: new Date(createdAtMs).toISOString(),
    ...(groupLabels["workflow"] !== undefined && { component: groupLabels["workflow"] }),
    ...(first && { class: first.rule }),
    group: groupText(notification),
    custom_details: {
      stage,
      alerts: shown.map(({ summary, labels, annotations }) => ({
        summary,
        labels: labelsText(labels),
        ...annotations,
      })),
      ...(more && { more }),
    },
  };
}
