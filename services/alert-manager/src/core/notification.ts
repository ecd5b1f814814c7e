import type { AlertView, Labels, Severity } from "./alert.ts";

/** What a receiver is handed: a group of alerts, as it stands. */
export type Notification = {
  /** The same on every retry and after a restart: a receiver that has seen it may drop it. */
  readonly id: string;
  /** Of the group: the same when it fires, escalates and resolves. */
  readonly dedupKey: string;
  readonly status: "firing" | "acknowledged" | "resolved";
  readonly severity: Severity;
  /** Its name in the configuration. */
  readonly receiver: string;
  /** Of the escalation, from 0. */
  readonly stage: number;
  readonly createdAtMs: number;
  /** What the alerts have in common. */
  readonly groupLabels: Labels;
  /** At most `alertsPerNotificationMax`, the most severe first. */
  readonly alerts: readonly AlertView[];
  /** How many more there are. */
  readonly alertsLeftOut: number;
};
