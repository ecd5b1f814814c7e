import type { AlertView, Subject } from "./alert.ts";
import type { Moment } from "./finding.ts";
import { findingsOf } from "./findings.ts";
import { judge } from "./judge.ts";
import { matches } from "./matcher.ts";
import type { Memory } from "./memory.ts";
import type { Notification } from "./notification.ts";
import { notify } from "./notify.ts";
import type { Observation } from "./observation.ts";
import { remember } from "./remember.ts";
import type { RuleSet } from "./rule.ts";
import { emptyState } from "./state.ts";
import { subjectOf } from "./subject.ts";
import { viewOf } from "./view.ts";

/** A look at the rules each second, or so seldom that this many are enough. */
const looksMax = 5_000;
const lookMsMin = 1_000;

/** What rules would do, had they been there. */
export type Rehearsal = {
  readonly happened: readonly { readonly atMs: number; readonly kind: string; readonly alert: AlertView }[];
  readonly notifications: readonly Notification[];
};

/** Plays facts to rules that know nothing else, and lets some time pass after the last one. */
export function rehearse(rules: RuleSet, observations: readonly Observation[], afterMs: number): Rehearsal {
  const sorted = observations.toSorted((left, right) => left.timeMs - right.timeMs);
  const fromMs = sorted[0]?.timeMs ?? 0;
  const untilMs = (sorted.at(-1)?.timeMs ?? fromMs) + afterMs;
  const everyMs = Math.max(lookMsMin, Math.ceil((untilMs - fromMs) / looksMax));
  const state = emptyState();
  const happened: Rehearsal["happened"][number][] = [];
  const notifications: Notification[] = [];
  let next = 0;
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += everyMs) {
    for (; sorted[next] && sorted[next]!.timeMs <= nowMs; next++)
      remember(state.memory, sorted[next]!, undefined, nowMs);
    for (const { event, alert } of judge(state, rules, { nowMs, knownMs: nowMs }).happened) {
      if (!alert) continue;
      happened.push({
        atMs: nowMs,
        kind: event.kind,
        alert: viewOf(alert, undefined, rules.flapping, nowMs),
      });
    }
    notifications.push(...notify(state, rules, nowMs).notifications);
  }
  return { happened, notifications };
}

/** What the rules' conditions hold for at this moment, however long they must hold to fire. */
export function holdingNow(memory: Memory, rules: RuleSet, moment: Moment): readonly Subject[] {
  return rules.rules.flatMap((rule) =>
    findingsOf(memory, rule.signal, moment)
      .filter(({ labels }) => matches(rule.match, labels))
      .map((finding) => subjectOf(rule, finding)),
  );
}
