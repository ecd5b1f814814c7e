import type { AlertState, Severity } from "../core/alert.ts";

/** Who counts what the alert manager does. All calls are cheap and none throws. */
export type AlertMetrics = {
  /** Alerts there are now, by state and severity: told after every look at the rules. */
  alerts(counts: ReadonlyMap<`${AlertState}/${Severity}`, number>): void;
  /** A try to deliver has ended. `latencyMs`: from the record of the notification to this. */
  delivery(
    receiver: string,
    outcome: "delivered" | "retry" | "rejected" | "given_up",
    latencyMs: number,
  ): void;
  /** Notifications that wait for their receiver. */
  waiting(count: number): void;
  /** Facts were taken in and are durable; `lagMs`: the age of the latest. */
  observed(count: number, lagMs: number): void;
  /** How long a look at all rules took. */
  judged(tookMs: number): void;
  /** Rows that were refused or forgotten since the start for want of room, by table. */
  turnedAway(counts: Readonly<Record<string, number>>): void;
};

export const noMetrics: AlertMetrics = {
  alerts() {},
  delivery() {},
  waiting() {},
  observed() {},
  judged() {},
  turnedAway() {},
};
