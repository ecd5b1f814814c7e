import { type Alert, isLive, type Labels, type LiveAlert, type Subject } from "./alert.ts";
import { type AlertEvent, type AlertInput, isFlapping, type Patience } from "./alert-input.ts";
import { assertNever } from "./assert-never.ts";
import { type Rejection, rejection } from "./rejection.ts";

const saidEveryMs = 15_000;

/** The rules of an alert: its events, in order. Only a request may be refused. */
export function decide(
  alert: Alert | undefined,
  input: AlertInput,
  patience: Patience,
): readonly AlertEvent[] | Rejection {
  switch (input.kind) {
    case "condition.holds":
      return hold(alert, input.subject, input.atMs, patience);
    case "condition.calm":
      return calm(alert, input.atMs, patience);
    case "rule.gone":
      if (isLive(alert)) return [{ kind: "alert.resolved", atMs: input.atMs }];
      return alert?.state === "pending" ? [{ kind: "alert.withdrawn" }] : [];
    case "acknowledge":
      return acknowledge(alert, input);
    default:
      return assertNever(input);
  }
}

function hold(
  alert: Alert | undefined,
  subject: Subject,
  atMs: number,
  { forMs }: Patience,
): readonly AlertEvent[] {
  if (alert === undefined || alert.state === "resolved") {
    const pending = { kind: "alert.pending", subject, atMs } as const;
    return forMs === 0 ? [pending, { kind: "alert.fired", atMs }] : [pending];
  }
  const fires = alert.state === "pending" && atMs - alert.startsAtMs >= forMs;
  const events: AlertEvent[] = [];
  if (isNews(alert, subject, fires, atMs)) events.push({ kind: "alert.changed", subject, atMs });
  if (fires) events.push({ kind: "alert.fired", atMs });
  if (isLive(alert) && alert.calmSinceMs !== undefined) events.push({ kind: "alert.stirred" });
  return events;
}

function calm(alert: Alert | undefined, atMs: number, patience: Patience): readonly AlertEvent[] {
  if (alert?.state === "pending") return [{ kind: "alert.withdrawn" }];
  if (!isLive(alert)) return [];
  if (atMs - (alert.calmSinceMs ?? atMs) >= quietMs(alert, atMs, patience))
    return [{ kind: "alert.resolved", atMs }];
  return alert.calmSinceMs === undefined ? [{ kind: "alert.calmed", atMs }] : [];
}

/** For how long its condition must have ceased. */
function quietMs(alert: LiveAlert, atMs: number, { keepFiringForMs, flapping }: Patience): number {
  return Math.max(
    keepFiringForMs,
    isFlapping(alert, flapping, alert.calmSinceMs ?? atMs) ? flapping.holdMs : 0,
  );
}

function acknowledge(
  alert: Alert | undefined,
  { by, comment, atMs }: Extract<AlertInput, { kind: "acknowledge" }>,
): readonly AlertEvent[] | Rejection {
  switch (alert?.state) {
    case "firing":
      return [{ kind: "alert.acknowledged", by, comment, atMs }];
    case "acknowledged":
      return [];
    default:
      return rejection(
        "NOT_FIRING",
        `the alert is ${alert?.state ?? "unknown"}: only one that fires can be acknowledged`,
      );
  }
}

/** Counts may change with every fact: they are brought up to date now and then, and when it fires. */
function isNews(alert: Alert, subject: Subject, fires: boolean, atMs: number): boolean {
  if (alert.severity !== subject.severity || !isSame(alert.labels, subject.labels)) return true;
  if (!fires && atMs - alert.saidAtMs < saidEveryMs) return false;
  return alert.summary !== subject.summary || !isSame(alert.annotations, subject.annotations);
}

function isSame(left: Labels, right: Labels): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
