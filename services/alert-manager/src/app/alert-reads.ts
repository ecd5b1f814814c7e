import { type Alert, type AlertState, type AlertView, type Severity, severities } from "../core/alert.ts";
import type { Delivery } from "../core/delivery.ts";
import { type Matchers, matches } from "../core/matcher.ts";
import { type Mute, matchedLabels } from "../core/mutes.ts";
import type { Rule, RuleSet } from "../core/rule.ts";
import type { Silence } from "../core/silence.ts";
import type { State } from "../core/state.ts";
import { viewOf } from "../core/view.ts";
import type { RefusedRules, RuleBook } from "./rule-book.ts";

/** Which alerts to list. What is undefined is not asked for. */
export type AlertFilterQuery = {
  /** Undefined: all but resolved ones. */
  readonly states?: readonly AlertState[];
  readonly severities?: readonly Severity[];
  /** Over labels, `rule` and `severity`. */
  readonly matchers?: Matchers;
  /** False: without those that are silenced or inhibited. */
  readonly muted?: boolean;
};

export type AlertQuery = AlertFilterQuery & {
  readonly limit: number;
  /** The last alert of the page before. */
  readonly after?: { readonly startsAtMs: number; readonly fingerprint: string };
};

/** A rule, and how it stands. */
export type RuleStatus = {
  readonly rule: Rule;
  readonly alerts: Readonly<Record<AlertState, number>>;
  /** Alerts beyond its limit, at the last look. */
  readonly cutOff: number;
};

export type RuleList = {
  readonly rules: readonly RuleStatus[];
  /** UTC milliseconds. */
  readonly loadedAtMs: number;
  /** The last text was refused: these rules are older than it. */
  readonly refused?: RefusedRules;
};

/** What is known besides the state, and follows from it. */
export type Derived = {
  readonly mutes: ReadonlyMap<string, Mute>;
  readonly cutOff: ReadonlyMap<string, number>;
};

/** Alerts that match, the latest first. */
export function listAlerts(
  state: State,
  rules: RuleSet,
  { mutes }: Derived,
  query: AlertQuery,
  nowMs: number,
): readonly AlertView[] {
  const { muted = true, after } = query;
  return [...state.alerts.values()]
    .filter(
      (alert) => isAskedFor(alert, { ...query, muted: true }) && (muted || !mutes.has(alert.fingerprint)),
    )
    .toSorted(latestFirst)
    .filter((alert) => after === undefined || latestFirst(after, alert) < 0)
    .slice(0, query.limit)
    .map((alert) => viewOf(alert, mutes.get(alert.fingerprint), rules.flapping, nowMs));
}

/** Whether an alert is among those that are asked for. */
export function isAskedFor(
  alert: Pick<Alert, "state" | "severity" | "labels" | "rule"> &
    Partial<Pick<AlertView, "silencedBy" | "inhibitedBy">>,
  {
    states = ["pending", "firing", "acknowledged"],
    severities: wanted = severities,
    matchers = {},
    muted = true,
  }: AlertFilterQuery,
): boolean {
  const isMuted = (alert.silencedBy?.length ?? 0) > 0 || alert.inhibitedBy !== undefined;
  return (
    states.includes(alert.state) &&
    wanted.includes(alert.severity) &&
    (muted || !isMuted) &&
    matches(matchers, matchedLabels(alert))
  );
}

/** The notifications that told of an alert this time that it fires, the latest first. */
export function toldOf(deliveries: readonly Delivery[], { id }: Pick<AlertView, "id">): readonly Delivery[] {
  return deliveries
    .filter(({ notification }) => notification.alerts.some((told) => told.id === id))
    .slice(0, 1_000);
}

/** Of these alerts, what a receiver should have been told last and was not. */
export function untold(deliveries: readonly Delivery[], alerts: readonly AlertView[]): readonly Delivery[] {
  const open = new Set(alerts.filter(({ state }) => state !== "resolved").map(({ id }) => id));
  const lasts = new Map<string, Delivery>();
  for (const delivery of deliveries) {
    const { receiver, dedupKey, alerts: told } = delivery.notification;
    const key = JSON.stringify([receiver, dedupKey]);
    if (delivery.status !== "pending" && !lasts.has(key) && told.some(({ id }) => open.has(id)))
      lasts.set(key, delivery);
  }
  return [...lasts.values()].filter(({ status }) => status === "failed");
}

/** A receiver, and how it gets on. */
export type ReceiverState = {
  readonly name: string;
  readonly kind: string;
  readonly pending: number;
  readonly failed: number;
  /** The last failure that no success followed; empty: none. */
  readonly problem: string;
};

/** Deliveries are the latest first. */
export function receiverStates(
  receivers: readonly { readonly name: string; readonly kind: string }[],
  deliveries: readonly Delivery[],
): readonly ReceiverState[] {
  const byReceiver = Map.groupBy(deliveries, ({ notification }) => notification.receiver);
  return receivers.map(({ name, kind }) => {
    const own = byReceiver.get(name) ?? [];
    const last = own.find(({ status, failures }) => status !== "pending" || failures > 0);
    return {
      name,
      kind,
      pending: own.filter(({ status }) => status === "pending").length,
      failed: own.filter(({ status }) => status === "failed").length,
      problem: last && last.status !== "delivered" ? last.reason : "",
    };
  });
}

/** The rules, and what is wrong with them if anything. */
export function listRules(state: State, book: RuleBook, { cutOff }: Derived): RuleList {
  const counts = Map.groupBy(state.alerts.values(), ({ rule }) => rule);
  const rules = book.rules.rules.map((rule) => ({
    rule,
    alerts: countsOf(counts.get(rule.name) ?? []),
    cutOff: cutOff.get(rule.name) ?? 0,
  }));
  const { refused, loadedAtMs } = book;
  return { rules, loadedAtMs, ...(refused && { refused }) };
}

/** Notifications and what became of them, the latest first. */
export function listDeliveries(
  { deliveries }: State,
  { status, limit }: { readonly status?: Delivery["status"]; readonly limit: number },
): readonly Delivery[] {
  return [...deliveries.values()]
    .filter((delivery) => status === undefined || delivery.status === status)
    .toSorted((left, right) => right.notification.createdAtMs - left.notification.createdAtMs)
    .slice(0, limit);
}

/** Silences, those that end first in front; `expired`: those that are over as well. */
export function listSilences(
  { silences }: State,
  { expired, nowMs }: { readonly expired: boolean; readonly nowMs: number },
): readonly Silence[] {
  return [...silences.values()]
    .filter(({ untilMs }) => expired || untilMs > nowMs)
    .toSorted((left, right) => left.untilMs - right.untilMs || (left.id < right.id ? -1 : 1));
}

/** How many alerts there are in each state and severity; each has a number, so that none is stale. */
export function alertCounts({ alerts }: State): ReadonlyMap<`${AlertState}/${Severity}`, number> {
  const states = ["pending", "firing", "acknowledged"] as const;
  const counts = new Map<`${AlertState}/${Severity}`, number>(
    states.flatMap((state) => severities.map((severity) => [`${state}/${severity}`, 0] as const)),
  );
  for (const { state, severity } of alerts.values()) {
    if (state === "resolved") continue;
    counts.set(`${state}/${severity}`, (counts.get(`${state}/${severity}`) ?? 0) + 1);
  }
  return counts;
}

function countsOf(alerts: readonly Alert[]): Readonly<Record<AlertState, number>> {
  const counts = { pending: 0, firing: 0, acknowledged: 0, resolved: 0 };
  for (const { state } of alerts) counts[state] += 1;
  return counts;
}

type Place = { readonly startsAtMs: number; readonly fingerprint: string };

function latestFirst(left: Place, right: Place): number {
  return (
    right.startsAtMs - left.startsAtMs ||
    (left.fingerprint < right.fingerprint ? -1 : Number(left.fingerprint > right.fingerprint))
  );
}
