import { type Alert, isLive, type Labels } from "./alert.ts";
import { matches } from "./matcher.ts";
import type { Inhibition } from "./rule.ts";
import { type Silence, silences } from "./silence.ts";

/** Why nobody is told of an alert though it fires. */
export type Mute = {
  readonly silencedBy: readonly string[];
  readonly inhibitedBy?: string;
};

/** What silences, inhibitions and groups go by: the labels, the rule and the severity. */
export function matchedLabels({
  labels,
  rule,
  severity,
}: Pick<Alert, "labels" | "rule" | "severity">): Labels {
  return { ...labels, rule, severity };
}

/** The alerts that are muted now, by fingerprint. */
export function mutesOf(
  alerts: Iterable<Alert>,
  inhibitions: readonly Inhibition[],
  silenced: Iterable<Silence>,
  atMs: number,
): ReadonlyMap<string, Mute> {
  const live = [...alerts].filter(isLive).map((alert) => ({ alert, labels: matchedLabels(alert) }));
  const inForce = [...silenced];
  const inhibited = inhibitedAmong(live, inhibitions);
  const mutes = new Map<string, Mute>();
  for (const { alert, labels } of live) {
    const silencedBy = inForce.filter((silence) => silences(silence, labels, atMs)).map(({ id }) => id);
    const inhibitedBy = inhibited.get(alert.fingerprint);
    if (silencedBy.length === 0 && inhibitedBy === undefined) continue;
    mutes.set(alert.fingerprint, { silencedBy, ...(inhibitedBy === undefined ? {} : { inhibitedBy }) });
  }
  return mutes;
}

type Matched = { readonly alert: Alert; readonly labels: Labels };

/** By the fingerprint of the muted alert, that of one which explains it. None explains itself. */
function inhibitedAmong(
  live: readonly Matched[],
  inhibitions: readonly Inhibition[],
): ReadonlyMap<string, string> {
  const inhibited = new Map<string, string>();
  for (const { source, target, equal } of inhibitions) {
    const sources = new Map<string, string>();
    for (const { alert, labels } of live) {
      const key = sharedKey(labels, equal);
      if (key !== undefined && matches(source, labels)) sources.set(key, alert.fingerprint);
    }
    if (sources.size === 0) continue;
    for (const { alert, labels } of live) {
      const key = sharedKey(labels, equal);
      const by = key === undefined ? undefined : sources.get(key);
      // What could be its own source mutes nothing of its kind: two of them would silence each other.
      if (by === undefined || !matches(target, labels) || matches(source, labels)) continue;
      if (!inhibited.has(alert.fingerprint)) inhibited.set(alert.fingerprint, by);
    }
  }
  return inhibited;
}

/** Undefined: it lacks one of the labels, so it shares them with none. */
function sharedKey(labels: Labels, equal: readonly string[]): string | undefined {
  const values = equal.map((label) => labels[label]);
  return values.includes(undefined) ? undefined : JSON.stringify(values);
}
