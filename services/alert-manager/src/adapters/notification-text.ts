import type { AlertView, Labels } from "../core/alert.ts";
import type { Notification } from "../core/notification.ts";

/** What the alerts have in common, and nothing that changes from firing to resolved: "step-stuck workflow=release". */
export function groupText({ groupLabels }: Notification): string {
  const { rule, ...labels } = groupLabels;
  const text = [rule, labelsText(labels)].filter(Boolean).join(" ");
  return text === "" ? "alerts" : text;
}

/** "FIRING critical", "RESOLVED". */
export function statusText({ status, severity }: Notification): string {
  return status === "firing" ? `FIRING ${severity}` : status.toUpperCase();
}

export function labelsText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

/** Who took an alert on, and what they said. */
export function acknowledgementText({ acknowledgement }: AlertView): string | undefined {
  if (!acknowledgement) return undefined;
  const { by, comment } = acknowledgement;
  return comment === "" ? `acknowledged by ${by}` : `acknowledged by ${by}: ${comment}`;
}

export function leftOutText({ alertsLeftOut }: Notification, alsoLeftOut = 0): string | undefined {
  const count = alertsLeftOut + alsoLeftOut;
  return count === 0 ? undefined : `and ${count} more`;
}

/** The first so many characters, none of them half, and a sign that there were more. */
export function fitText(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax - 1).toWellFormed()}…`;
}

/** The whole notification for people, as plain text. */
export function plainText(notification: Notification): string {
  const lines = [`${statusText(notification)}: ${groupText(notification)}`, ""];
  for (const alert of notification.alerts) lines.push(...alertLines(alert), "");
  const more = leftOutText(notification);
  return [...lines, ...(more ? [more] : [])].join("\n").trimEnd();
}

function alertLines(alert: AlertView): readonly string[] {
  const { state, severity, summary, labels, annotations, startsAtMs, endsAtMs } = alert;
  const since = `since ${new Date(startsAtMs).toISOString()}`;
  const until = endsAtMs === undefined ? "" : `, until ${new Date(endsAtMs).toISOString()}`;
  const taken = acknowledgementText(alert);
  return [
    `${summary}`,
    `  ${state}, ${severity}, ${since}${until}`,
    ...(taken ? [`  ${taken}`] : []),
    `  ${labelsText(labels)}`,
    ...Object.entries(annotations).map(([name, value]) => `  ${name}: ${value}`),
  ];
}
