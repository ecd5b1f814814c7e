export type Labels = Readonly<Record<string, string>>;

/** From the least to the most urgent. */
export const severities = ["info", "warning", "critical"] as const;
export type Severity = (typeof severities)[number];

export type AlertState = "pending" | "firing" | "acknowledged" | "resolved";

/** Who has taken an alert on. */
export type Acknowledgement = {
  readonly by: string;
  readonly comment: string;
  readonly atMs: number;
};

/** What an alert is about, as its rule says. */
export type Subject = {
  readonly fingerprint: string;
  readonly rule: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly summary: string;
  readonly severity: Severity;
  /** The key of the group that it is told with. */
  readonly group: string;
};

type Recorded = Subject & {
  /** Since when its condition holds. UTC milliseconds, as all times. */
  readonly startsAtMs: number;
  /** When its annotations were last brought up to date. */
  readonly saidAtMs: number;
  /** When it fired lately, the latest last: what flapping is counted by. */
  readonly fires: readonly number[];
};

type Fired = Recorded & {
  readonly firedAtMs: number;
  /** Since when the condition holds no longer, though the alert is kept. */
  readonly calmSinceMs?: number;
};

/**
 * One alert of a rule, for one set of labels.
 *
 * pending: its condition holds, and not yet for long enough. firing: people are told. acknowledged: somebody has taken
 * it on, so it escalates no more. resolved: the condition has ceased; kept for a while to be seen.
 */
export type Alert =
  | (Recorded & { readonly state: "pending" })
  | (Fired & { readonly state: "firing" })
  | (Fired & { readonly state: "acknowledged"; readonly acknowledgement: Acknowledgement })
  | (Recorded & {
      readonly state: "resolved";
      readonly firedAtMs: number;
      readonly endsAtMs: number;
      readonly acknowledgement?: Acknowledgement;
    });

/** An alert that people are told of. */
export type LiveAlert = Extract<Alert, { readonly state: "firing" | "acknowledged" }>;

/** Which state may follow which. none: there is no such alert. */
export const transitions: Readonly<Record<AlertState | "none", readonly (AlertState | "none")[]>> = {
  none: ["pending"],
  pending: ["firing", "none"],
  firing: ["acknowledged", "resolved"],
  acknowledged: ["resolved"],
  resolved: ["pending", "none"],
};

export function isLive(alert: Alert | undefined): alert is LiveAlert {
  return alert?.state === "firing" || alert?.state === "acknowledged";
}

/** Names this time that the alert fires; the next time has another id. */
export function alertId({ fingerprint, startsAtMs }: Alert): string {
  return `${fingerprint}-${startsAtMs.toString(36)}`;
}

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
