import {
  type Alert,
  type GetAlertResponse,
  type Notification,
  NotificationStatus,
} from "@weft/proto/weft/alerts/v1/alerts_pb";
import { failedLines } from "./alert-table.ts";
import { labelsText, mutedText, severitySpan, stateSpan, stateWord } from "./alert-words.ts";
import { enumName } from "./enum-name.ts";
import { type Line, lineOf, padLine, type Span, spanOf } from "./line.ts";
import { type Column, tableLines } from "./table.ts";
import { dateTime, msOf, timeOfDay } from "./time.ts";

const table: readonly Column[] = [
  { title: "TOLD" },
  { title: "RECEIVER" },
  { title: "WHAT" },
  { title: "STAGE", align: "right" },
  { title: "STATUS" },
  { title: "REASON", widthMin: 20 },
];

/** One alert, and whom it was told. */
export function alertLines({ alert, notifications }: GetAlertResponse, columns: number): readonly Line[] {
  if (!alert) return [];
  const failed = notifications.filter(({ status }) => status === NotificationStatus.FAILED);
  const rows = notifications.map(notificationRow);
  return [
    [severitySpan(alert.severity), { text: "  " }, spanOf(alert.summary, "bold")],
    ...failedLines(failed),
    [],
    fact("state", [stateSpan(alert)]),
    ...facts(alert),
    [],
    ...(rows.length === 0 ? [lineOf("nobody was told of it", "dim")] : tableLines(table, rows, columns)),
  ];
}

function facts(alert: Alert): readonly Line[] {
  const { alertId, rule, labels, annotations, acknowledgement, startTime, fireTime, endTime } = alert;
  const { by = "", comment = "" } = acknowledgement ?? {};
  const known = [
    ["muted", mutedText(alert)],
    ["taken on", acknowledgement ? `by ${by}${comment === "" ? "" : `: ${comment}`}` : ""],
    ["id", alertId],
    ["rule", rule],
    ["labels", labelsText(labels)],
    ...Object.entries(annotations),
    ["began", timeText(startTime)],
    ["fired", timeText(fireTime)],
    ["ended", timeText(endTime)],
  ] as const;
  return known.filter(([, value]) => value !== "").map(([name, value]) => fact(name, lineOf(value)));
}

function fact(name: string, value: Line): Line {
  return [...padLine(lineOf(`  ${name}`, "dim"), 18), { text: " " }, ...value];
}

function notificationRow(notification: Notification): readonly Line[] {
  const { createTime, receiver, said, stage, status, reason, failures } = notification;
  const tries = failures > 0 && status === NotificationStatus.PENDING ? ` (${failures} tries failed)` : "";
  return [
    lineOf(timeText(createTime)),
    lineOf(receiver, "bold"),
    lineOf(stateWord(said)),
    lineOf(String(stage)),
    [notificationSpan(status, tries)],
    lineOf(reason, "dim"),
  ];
}

export function notificationSpan(status: NotificationStatus, more = ""): Span {
  const word = `${enumName(NotificationStatus, status).toLowerCase()}${more}`;
  if (status === NotificationStatus.DELIVERED) return spanOf(word, "green");
  return status === NotificationStatus.FAILED ? spanOf(word, ["red", "bold"]) : spanOf(word, "yellow");
}

/** When, its state, what it says: a line of a stream. */
export function alertLine(alert: Alert, nowMs: number): Line {
  const note = mutedText(alert);
  return [
    spanOf(`${timeOfDay(nowMs)}  ${alert.fingerprint}  `, "dim"),
    ...padLine([stateSpan(alert)], 12),
    { text: "  " },
    ...padLine([severitySpan(alert.severity)], 8),
    { text: "  " },
    spanOf(alert.summary),
    spanOf(note === "" ? "" : `  (${note})`, "dim"),
  ];
}

function timeText(time: Alert["startTime"]): string {
  const ms = msOf(time);
  return ms === undefined ? "" : dateTime(ms);
}
