import type { AlertState, Labels, Severity } from "./alert.ts";
import { fingerprint } from "./fingerprint.ts";

/** The next stage of an escalation. `round` counts how often all stages have been repeated. */
export type Due = { readonly stage: number; readonly round: number; readonly atMs: number };

/** Alerts that are told together, from the first that fires to the last that is resolved. */
export type Group = {
  /** Also the dedup key of its notifications. */
  readonly key: string;
  readonly labels: Labels;
  readonly escalation: string;
  readonly openedAtMs: number;
  /** What receivers were last told, by fingerprint. */
  readonly told: Readonly<Record<string, AlertState>>;
  /** Everybody who was told of it, and so must hear of its end. */
  readonly receivers: readonly string[];
  readonly toldAtMs?: number;
  /** The last stage that was reached; -1: none. */
  readonly stage: number;
  /** Notifications are at least so severe. */
  readonly severity: Severity;
  readonly isAcknowledged: boolean;
  /** Undefined: it was acknowledged, or has no more stages. */
  readonly due?: Due;
};

/** The labels that the alerts of a group share, of those that its rule groups by. */
export function groupLabels(labels: Labels, groupBy: readonly string[]): Labels {
  return Object.fromEntries(
    groupBy.flatMap((label) => {
      const value = labels[label];
      return value === undefined ? [] : [[label, value]];
    }),
  );
}

export function groupKey(escalation: string, labels: Labels): string {
  return fingerprint(`group ${escalation}`, labels);
}
