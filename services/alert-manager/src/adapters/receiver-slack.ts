import type { Clock } from "@weft/runtime/clock";
import type { Receiver } from "../app/ports.ts";
import type { AlertView } from "../core/alert.ts";
import type { Notification } from "../core/notification.ts";
import { post } from "./http-post.ts";
import {
  acknowledgementText,
  fitText,
  groupText,
  labelsText,
  leftOutText,
  statusText,
} from "./notification-text.ts";
import type { ReadSecret } from "./secret.ts";

/** Slack's limits: characters of a header and of a section, and blocks of a message. */
const headerCharsMax = 150;
const sectionCharsMax = 3_000;
const blocksMax = 50;
/** Of what notifications on a phone show. */
const textCharsMax = 1_000;
const sectionsMax = blocksMax - 2;

type Block =
  | { readonly type: "header"; readonly text: { readonly type: "plain_text"; readonly text: string } }
  | { readonly type: "section"; readonly text: { readonly type: "mrkdwn"; readonly text: string } }
  | {
      readonly type: "context";
      readonly elements: readonly { readonly type: "mrkdwn"; readonly text: string }[];
    };

/** POSTs to an incoming webhook of Slack, or of a chat that takes the same, such as Mattermost. Its URL is a secret. */
export function slackReceiver(clock: Clock, options: { readonly url: ReadSecret }): Receiver {
  return {
    async send(notification, signal) {
      const url = await options.url();
      const body = JSON.stringify(slackMessage(notification));
      return post(clock, { url, body, signal, secrets: [url] });
    },
  };
}

/** `text` is for what can't show blocks. */
export function slackMessage(notification: Notification): {
  readonly text: string;
  readonly blocks: readonly Block[];
} {
  const title = `${statusText(notification)}: ${groupText(notification)}`;
  const shown = notification.alerts.slice(0, sectionsMax);
  const more = leftOutText(notification, notification.alerts.length - shown.length);
  const summaries = shown.map(({ summary }) => summary);
  return {
    text: escaped([title, ...summaries].join("\n"), textCharsMax),
    blocks: [
      {
        type: "header",
        text: { type: "plain_text", text: fitText(`${sign(notification)} ${title}`, headerCharsMax) },
      },
      ...shown.map(section),
      ...(more ? [context(more)] : []),
    ],
  };
}

function sign({ status, severity }: Notification): string {
  if (status !== "firing") return status === "resolved" ? "✅" : "👀";
  return severity === "critical" ? "🔴" : severity === "warning" ? "🟠" : "🔵";
}

function section(alert: AlertView): Block {
  const facts = labelsText({ ...alert.labels, ...alert.annotations });
  const lines = [alert.summary, facts, acknowledgementText(alert)].filter(Boolean);
  return { type: "section", text: { type: "mrkdwn", text: escaped(lines.join("\n"), sectionCharsMax) } };
}

function context(text: string): Block {
  return { type: "context", elements: [{ type: "mrkdwn", text }] };
}

/** Nothing in it is a mention or a link. The limit is on what is sent, in which an escaped character is several. */
function escaped(text: string, charsMax: number): string {
  let fitting = fitText(text, charsMax);
  const safe = (): string => fitting.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  while (safe().length > charsMax) fitting = fitText(fitting, Math.floor(fitting.length * 0.9));
  return safe();
}
