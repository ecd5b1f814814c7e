import { createHmac } from "node:crypto";
import type { Clock } from "@weft/runtime/clock";
import type { Receiver } from "../app/ports.ts";
import type { AlertView } from "../core/alert.ts";
import type { Notification } from "../core/notification.ts";
import { post } from "./http-post.ts";
import type { ReadSecret } from "./secret.ts";

export type WebhookOptions = {
  readonly url: ReadSecret;
  /** Each signs; none: not signed. */
  readonly secrets: readonly ReadSecret[];
  readonly token: ReadSecret | undefined;
};

/** POSTs the notification as JSON, with its id as the idempotency key, signed over the time and the body. */
export function webhookReceiver(clock: Clock, options: WebhookOptions): Receiver {
  return {
    async send(notification, signal) {
      const secrets = await Promise.all(options.secrets.map((read) => read()));
      const token = await options.token?.();
      const body = JSON.stringify(webhookBody(notification));
      const headers = {
        "idempotency-key": notification.id,
        "weft-dedup-key": notification.dedupKey,
        ...(secrets.length > 0 && { "weft-signature": signature(body, secrets, clock.now()) }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      };
      const hidden = token === undefined ? secrets : [...secrets, token];
      return post(clock, { url: await options.url(), headers, body, signal, secrets: hidden });
    },
  };
}

/** `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>" in hex>`, with one v1 for each secret. */
export function signature(body: string, secrets: readonly string[], nowMs: number): string {
  const seconds = Math.floor(nowMs / 1_000);
  const signed = secrets.map((secret) => {
    return `v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
  });
  return [`t=${seconds}`, ...signed].join(",");
}

/** Of the notification alone: every retry carries the same bytes. Grows, and never changes what is there. */
function webhookBody(notification: Notification): object {
  const { createdAtMs, alerts, ...fields } = notification;
  return { version: 1, ...fields, createdAt: timeText(createdAtMs), alerts: alerts.map(alertBody) };
}

function alertBody(alert: AlertView): object {
  const { startsAtMs, firedAtMs, endsAtMs, acknowledgement, ...fields } = alert;
  return {
    ...fields,
    startsAt: timeText(startsAtMs),
    ...(firedAtMs !== undefined && { firedAt: timeText(firedAtMs) }),
    ...(endsAtMs !== undefined && { endsAt: timeText(endsAtMs) }),
    ...(acknowledgement && {
      acknowledgement: {
        by: acknowledgement.by,
        comment: acknowledgement.comment,
        at: timeText(acknowledgement.atMs),
      },
    }),
  };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
