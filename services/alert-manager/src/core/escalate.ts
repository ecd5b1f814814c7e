import { type Alert, isLive, type LiveAlert, type Severity, severities } from "./alert.ts";
import type { Due, Group } from "./group.ts";
import type { Notification } from "./notification.ts";
import type { Escalation, Grouping } from "./rule.ts";

/** An alert of a group, and whether people are told of it now. */
export type Member = { readonly alert: Alert; readonly isMuted: boolean };

/** What the receivers are to be told. */
export type Note = {
  readonly status: Notification["status"];
  readonly stage: number;
  readonly severity: Severity;
  readonly receivers: readonly string[];
  readonly alerts: readonly Alert[];
};

/** Undefined: the group is no more. */
export type Step = { readonly group: Group | undefined; readonly note?: Note };

type Rules = { readonly escalation: Escalation | undefined; readonly grouping: Grouping };

/**
 * What a group does now. At most one note at a time.
 *
 * 1. A stage is told only while an alert fires that nobody has acknowledged, nothing mutes, and whose condition holds.
 * 2. Whoever was told of a group hears that it is resolved, whatever mutes it then.
 */
export function escalate(group: Group, members: readonly Member[], rules: Rules, atMs: number): Step {
  const live = members.filter(({ alert }) => isLive(alert));
  const audible = live.filter(({ isMuted }) => !isMuted).map(({ alert }) => alert as LiveAlert);
  if (audible.length === 0) return endOrWait(group, members, live);
  if (audible.every(({ state }) => state === "acknowledged")) return acknowledge(group, audible, atMs);
  if (!audible.some(isPressing)) return { group };
  const alarmed = group.isAcknowledged ? begin({ ...group, isAcknowledged: false }, rules, atMs) : group;
  if (alarmed.due && alarmed.due.atMs <= atMs) return nextStage(alarmed, alarmed.due, audible, rules, atMs);
  return tellChange(alarmed, audible, rules.grouping, atMs);
}

/** One that fires only because it is kept firing is about to resolve: nobody is called for it. */
export function isPressing(alert: Alert): boolean {
  return alert.state === "firing" && alert.calmSinceMs === undefined;
}

/** A group as it is when its first alert fires: the first stage waits for others that fire together with it. */
export function begin(group: Group, { escalation, grouping }: Rules, atMs: number): Group {
  const first = escalation?.stages[0];
  if (!first) return group;
  return { ...group, due: { stage: 0, round: 0, atMs: atMs + grouping.waitMs + first.afterMs } };
}

/** A notification of the stage before could not be delivered: the next one does not wait. */
export function hurry(group: Group, failedStage: number, atMs: number): Group {
  const { due } = group;
  if (due === undefined || due.stage !== failedStage + 1 || due.atMs <= atMs) return group;
  return { ...group, due: { ...due, atMs } };
}

/** What is muted may be heard again; only when nothing of it fires is the group over. */
function endOrWait(group: Group, members: readonly Member[], live: readonly Member[]): Step {
  const told = Object.keys(group.told);
  const isToldLive = live.some(({ alert }) => group.told[alert.fingerprint] !== undefined);
  if (isToldLive || (told.length === 0 && live.length > 0)) return { group };
  if (told.length === 0) return { group: undefined };
  const { stage, severity, receivers } = group;
  const alerts = members
    .map(({ alert }) => alert)
    .filter(({ fingerprint, state }) => state === "resolved" && group.told[fingerprint] !== undefined);
  return {
    group: undefined,
    note: { status: "resolved", stage: Math.max(0, stage), severity, receivers, alerts },
  };
}

function acknowledge(group: Group, audible: readonly LiveAlert[], atMs: number): Step {
  if (group.isAcknowledged) return { group };
  const { due: _, ...rest } = group;
  const stopped = { ...rest, isAcknowledged: true };
  return group.receivers.length === 0
    ? { group: stopped }
    : tell(stopped, "acknowledged", group.receivers, audible, atMs);
}

function nextStage(
  group: Group,
  { stage, round }: Due,
  audible: readonly LiveAlert[],
  { escalation }: Rules,
  atMs: number,
): Step {
  const { due: _, ...rest } = group;
  const reached = escalation?.stages[stage];
  // The rules have changed since, and there is no such stage any more.
  if (!escalation || !reached) return { group: rest };
  const due = following(escalation, stage, round, atMs);
  const severity = mostSevere([group.severity, reached.severity ?? "info"]);
  const moved = { ...rest, stage, severity, ...(due ? { due } : {}) };
  return tell(moved, "firing", reached.receivers, audible, atMs);
}

function following(
  { stages, repeat }: Escalation,
  stage: number,
  round: number,
  atMs: number,
): Due | undefined {
  const next = stages[stage + 1];
  if (next) return { stage: stage + 1, round, atMs: atMs + next.afterMs };
  if (!repeat || round >= repeat.times) return undefined;
  return { stage: 0, round: round + 1, atMs: atMs + repeat.everyMs };
}

/** Other alerts than the receivers know of: they hear it, and not too often unless it has become worse. */
function tellChange(
  group: Group,
  audible: readonly LiveAlert[],
  { intervalMs }: Grouping,
  atMs: number,
): Step {
  if (group.toldAtMs === undefined) return { group };
  const isWorse = mostSevere([group.severity, ...audible.map(({ severity }) => severity)]) !== group.severity;
  if (!isWorse && atMs < group.toldAtMs + intervalMs) return { group };
  const known = Object.keys(group.told);
  const isSame =
    known.length === audible.length &&
    audible.every(({ fingerprint }) => group.told[fingerprint] !== undefined);
  return isSame && !isWorse ? { group } : tell(group, "firing", group.receivers, audible, atMs);
}

function tell(
  group: Group,
  status: "firing" | "acknowledged",
  receivers: readonly string[],
  alerts: readonly LiveAlert[],
  atMs: number,
): Step {
  const severity = mostSevere([group.severity, ...alerts.map((alert) => alert.severity)]);
  const told = Object.fromEntries(alerts.map((alert) => [alert.fingerprint, alert.state]));
  const everybody = [...new Set([...group.receivers, ...receivers])];
  const stage = Math.max(0, group.stage);
  const note: Note = { status, stage, severity, receivers, alerts };
  return { group: { ...group, told, receivers: everybody, toldAtMs: atMs, severity }, note };
}

function mostSevere(among: readonly Severity[]): Severity {
  return severities.findLast((severity) => among.includes(severity)) ?? "info";
}
