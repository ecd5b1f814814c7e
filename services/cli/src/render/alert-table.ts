import { type Alert, AlertState, type Notification } from "@weft/proto/weft/alerts/v1/alerts_pb";
import { labelsText, mutedText, severitySpan, stateSpan } from "./alert-words.ts";
import { type Line, lineOf, spanOf } from "./line.ts";
import { type Column, tableLines } from "./table.ts";
import { agoText, msOf } from "./time.ts";

const table: readonly Column[] = [
  { title: "ALERT" },
  { title: "STATE" },
  { title: "SEVERITY" },
  { title: "SINCE", align: "right" },
  { title: "SUMMARY", widthMin: 20 },
  { title: "NOTE", widthMin: 10 },
  { title: "RULE", isExtra: true },
  { title: "LABELS", isExtra: true },
];

/** Alerts as rows, or a sentence when there are none; those that somebody was not told of are marked. */
export function alertTable(
  alerts: readonly Alert[],
  failed: readonly Notification[],
  nowMs: number,
  columns: number,
): readonly Line[] {
  if (alerts.length === 0) return [lineOf("no alerts", "dim")];
  const untold = new Map(failed.flatMap(({ alerts: told, receiver }) => told.map((one) => [one, receiver])));
  const rows = alerts.map((alert) => row(alert, untold.get(alert.fingerprint), nowMs));
  return [...failedLines(failed), ...tableLines(table, rows, columns)];
}

/** First of all: whoever reads an empty chat thinks that all is well. */
export function failedLines(failed: readonly Notification[]): readonly Line[] {
  const byReceiver = Map.groupBy(failed, ({ receiver }) => receiver);
  return [...byReceiver].map(([receiver, notifications]) => {
    const count = notifications.length === 1 ? "a notification" : `${notifications.length} notifications`;
    const reason = notifications[0]?.reason ?? "";
    return [
      spanOf(`${receiver} did not get ${count}`, ["red", "bold"]),
      spanOf(reason === "" ? "" : `: ${reason}`, "red"),
    ];
  });
}

function row(alert: Alert, untold: string | undefined, nowMs: number): readonly Line[] {
  const startedAtMs = msOf(alert.startTime);
  return [
    lineOf(alert.fingerprint, "bold"),
    [stateSpan(alert)],
    [severitySpan(alert.severity)],
    lineOf(startedAtMs === undefined ? "" : agoText(nowMs - startedAtMs)),
    lineOf(alert.summary),
    noteLine(alert, untold),
    lineOf(alert.rule, "dim"),
    lineOf(labelsText(alert.labels), "dim"),
  ];
}

function noteLine(alert: Alert, untold: string | undefined): Line {
  if (untold !== undefined) return lineOf(`${untold} was not told`, "red");
  const muted = mutedText(alert);
  if (muted !== "") return lineOf(muted, "dim");
  const { state, acknowledgement } = alert;
  return state === AlertState.ACKNOWLEDGED ? lineOf(`by ${acknowledgement?.by ?? ""}`) : [];
}
