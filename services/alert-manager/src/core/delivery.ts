import type { Notification } from "./notification.ts";

/** A notification on its way to one receiver. Recorded before it is sent, and until its end is recorded it is sent again. */
export type Delivery = {
  readonly notification: Notification;
  readonly group: string;
  readonly status: "pending" | "delivered" | "failed";
  /** Tries that have failed. */
  readonly failures: number;
  /** Of the last failure. */
  readonly reason: string;
  /** UTC milliseconds; undefined while it is pending. */
  readonly endedAtMs?: number;
};
