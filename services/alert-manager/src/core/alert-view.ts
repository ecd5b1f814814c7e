import type { Acknowledgement, AlertState, Labels, Severity } from "./alert.ts";

/** An alert as people and receivers see it. Times are UTC milliseconds. */
export type AlertView = {
  /** Of this time that it fires; the next time it has another. */
  readonly id: string;
  /** Of the rule and the labels: the same every time that it fires. */
  readonly fingerprint: string;
  readonly rule: string;
  readonly state: AlertState;
  readonly severity: Severity;
  /** What it is about. There are as many alerts of a rule as there are different labels. */
  readonly labels: Labels;
  /** Whatever helps and would make too many alerts as a label: ids of executions and steps, counts, ages. */
  readonly annotations: Labels;
  readonly summary: string;
  /** Since when its condition holds. */
  readonly startsAtMs: number;
  /** Undefined while it is pending. */
  readonly firedAtMs?: number;
  /** Undefined until it is resolved. */
  readonly endsAtMs?: number;
  readonly acknowledgement?: Acknowledgement;
  /** It comes and goes so often that it is held as firing until it has been quiet for a while. */
  readonly isFlapping: boolean;
  /** Ids of the silences that mute it now. */
  readonly silencedBy: readonly string[];
  /** The fingerprint of the alert that explains it and so mutes it. */
  readonly inhibitedBy?: string;
};
