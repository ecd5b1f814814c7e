import type { Alert } from "./alert.ts";
import type { AlertEvent, AlertInput, Patience } from "./alert-input.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import type { Moment } from "./finding.ts";
import { findingsOf } from "./findings.ts";
import { alertsPerRuleMax } from "./limits.ts";
import { matches } from "./matcher.ts";
import { isRejection, type Rejection } from "./rejection.ts";
import type { Rule, RuleSet } from "./rule.ts";
import type { State } from "./state.ts";
import { subjectOf } from "./subject.ts";

/** An event of an alert, and the alert before and after it; undefined: there was none, or is none any more. */
export type Happened = {
  readonly fingerprint: string;
  readonly event: AlertEvent;
  readonly before: Alert | undefined;
  readonly alert: Alert | undefined;
};

/** What a look at all rules came to. */
export type Judgement = {
  readonly happened: readonly Happened[];
  /** Alerts that a rule would have had beyond its limit, by rule. */
  readonly cutOff: ReadonlyMap<string, number>;
};

/** Asks every rule whether its condition holds, and moves its alerts on. */
export function judge(state: State, rules: RuleSet, moment: Moment): Judgement {
  const happened: Happened[] = [];
  const cutOff = new Map<string, number>();
  const calm = new Map([...state.alerts.entries()].filter(([, { state }]) => state !== "resolved"));
  for (const rule of rules.rules) {
    if (!rule.isEnabled) continue;
    const found = findingsOf(state.memory, rule.signal, moment).filter(({ labels }) =>
      matches(rule.match, labels),
    );
    if (found.length > alertsPerRuleMax) cutOff.set(rule.name, found.length - alertsPerRuleMax);
    for (const finding of found.slice(0, alertsPerRuleMax)) {
      const subject = subjectOf(rule, finding);
      calm.delete(subject.fingerprint);
      const input = { kind: "condition.holds", subject, atMs: moment.nowMs } as const;
      happened.push(...apply(state, subject.fingerprint, input, patienceOf(rule, rules)));
    }
  }
  for (const [fingerprint, alert] of calm)
    happened.push(...calmDown(state, fingerprint, alert, rules, moment));
  return { happened, cutOff };
}

/** Stops an alert's escalation, on behalf of somebody. */
export function acknowledgeAlert(
  state: State,
  fingerprint: string,
  request: Extract<AlertInput, { kind: "acknowledge" }>,
): readonly Happened[] | Rejection {
  const events = decide(state.alerts.get(fingerprint), request, noPatience);
  return isRejection(events) ? events : record(state, fingerprint, events);
}

function calmDown(
  state: State,
  fingerprint: string,
  alert: Alert,
  rules: RuleSet,
  { nowMs }: Moment,
): readonly Happened[] {
  const rule = rules.rules.find(({ name, isEnabled }) => name === alert.rule && isEnabled);
  if (!rule) return apply(state, fingerprint, { kind: "rule.gone", atMs: nowMs }, noPatience);
  return apply(state, fingerprint, { kind: "condition.calm", atMs: nowMs }, patienceOf(rule, rules));
}

function apply(
  state: State,
  fingerprint: string,
  input: AlertInput,
  patience: Patience,
): readonly Happened[] {
  const events = decide(state.alerts.get(fingerprint), input, patience);
  return isRejection(events) ? [] : record(state, fingerprint, events);
}

/** An alert for which there is no room has not happened; the table counts it. */
function record({ alerts }: State, fingerprint: string, events: readonly AlertEvent[]): readonly Happened[] {
  const happened: Happened[] = [];
  let alert = alerts.get(fingerprint);
  for (const event of events) {
    const before: Alert | undefined = alert;
    alert = evolve(before, event);
    happened.push({ fingerprint, event, before, alert });
  }
  if (events.length === 0) return [];
  if (alert === undefined) alerts.drop(fingerprint);
  else if (!alerts.put(fingerprint, alert)) return [];
  return happened;
}

function patienceOf({ forMs, keepFiringForMs }: Rule, { flapping }: RuleSet): Patience {
  return { forMs, keepFiringForMs, flapping };
}

const noPatience: Patience = {
  forMs: 0,
  keepFiringForMs: 0,
  flapping: { fires: Infinity, withinMs: 0, holdMs: 0 },
};
