import { type Alert, isLive, type LiveAlert, severities } from "./alert.ts";
import type { Delivery } from "./delivery.ts";
import { begin, escalate, isPressing, type Member, type Note } from "./escalate.ts";
import { type Group, groupLabels } from "./group.ts";
import { alertsPerNotificationMax } from "./limits.ts";
import { type Mute, mutesOf } from "./mutes.ts";
import type { Notification } from "./notification.ts";
import type { Escalation, RuleSet } from "./rule.ts";
import { nextNumber, type State } from "./state.ts";
import { viewOf } from "./view.ts";

/** What a look at all groups came to. */
export type Told = {
  /** The alerts that are muted now. */
  readonly mutes: ReadonlyMap<string, Mute>;
  /** Recorded as deliveries; to be sent once that is saved. */
  readonly notifications: readonly Notification[];
};

/** Moves every group on: whom to tell of what, now. */
export function notify(state: State, rules: RuleSet, nowMs: number): Told {
  const mutes = mutesOf(state.alerts.values(), rules.inhibitions, state.silences.values(), nowMs);
  const notifications: Notification[] = [];
  for (const [key, alerts] of Map.groupBy(state.alerts.values(), ({ group }) => group)) {
    const members = alerts.map((alert) => ({ alert, isMuted: mutes.has(alert.fingerprint) }));
    const group = state.groups.get(key) ?? opened(key, members, rules, nowMs);
    if (!group) continue;
    const next = escalate(
      group,
      members,
      { escalation: escalationOf(group, alerts, rules), grouping: rules.grouping },
      nowMs,
    );
    if (next.group === undefined) state.groups.drop(key);
    else if (next.group !== state.groups.get(key)) state.groups.put(key, next.group);
    if (next.note) notifications.push(...record(state, group, next.note, { mutes, rules, nowMs }));
  }
  return { mutes, notifications };
}

function opened(
  key: string,
  members: readonly Member[],
  rules: RuleSet,
  openedAtMs: number,
): Group | undefined {
  const first = members.find(({ alert, isMuted }) => isPressing(alert) && !isMuted)?.alert;
  const rule = first && rules.rules.find(({ name }) => name === first.rule);
  if (!rule) return undefined;
  const group: Group = {
    key,
    labels: groupLabels({ ...first.labels, rule: rule.name }, rule.groupBy),
    escalation: rule.escalation,
    openedAtMs,
    told: {},
    receivers: [],
    stage: -1,
    severity: "info",
    isAcknowledged: false,
  };
  return begin(
    group,
    { escalation: rules.escalations.get(rule.escalation), grouping: rules.grouping },
    openedAtMs,
  );
}

/** That of the group; should the rules have it no more, that which its alerts have now. */
function escalationOf(group: Group, alerts: readonly Alert[], rules: RuleSet): Escalation | undefined {
  const own = rules.escalations.get(group.escalation);
  if (own) return own;
  const rule = rules.rules.find(({ name }) => alerts.some((alert) => alert.rule === name));
  return rule && rules.escalations.get(rule.escalation);
}

type Telling = {
  readonly mutes: ReadonlyMap<string, Mute>;
  readonly rules: RuleSet;
  readonly nowMs: number;
};

function record(state: State, group: Group, note: Note, telling: Telling): readonly Notification[] {
  const { status, severity, stage, receivers } = note;
  const { mutes, rules, nowMs } = telling;
  const sorted = note.alerts.toSorted(bySeverity);
  const shown = sorted.slice(0, alertsPerNotificationMax);
  const alerts = shown.map((alert) => viewOf(alert, mutes.get(alert.fingerprint), rules.flapping, nowMs));
  return receivers.map((receiver) => {
    const number = nextNumber(state, "notification");
    const notification: Notification = {
      id: `${group.key}-${group.openedAtMs.toString(36)}-${number.toString(36)}`,
      dedupKey: group.key,
      status,
      severity,
      receiver,
      stage,
      createdAtMs: nowMs,
      groupLabels: group.labels,
      alerts,
      alertsLeftOut: sorted.length - shown.length,
    };
    const delivery: Delivery = { notification, group: group.key, status: "pending", failures: 0, reason: "" };
    state.deliveries.put(notification.id, delivery);
    return notification;
  });
}

function bySeverity(left: Alert, right: Alert): number {
  return (
    severities.indexOf(right.severity) - severities.indexOf(left.severity) || firedAt(left) - firedAt(right)
  );
}

function firedAt(alert: Alert): number {
  return isLive(alert) ? (alert satisfies LiveAlert).firedAtMs : alert.startsAtMs;
}
