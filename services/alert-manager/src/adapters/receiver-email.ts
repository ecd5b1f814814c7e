import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createTransport, type SMTPSentMessageInfo } from "nodemailer";
import type { Receiver, SendOutcome } from "../app/ports.ts";
import type { Notification } from "../core/notification.ts";
import type { EmailConfig } from "../core/receiver-config.ts";
import { fitText, groupText, plainText } from "./notification-text.ts";
import type { ReadSecret } from "./secret.ts";

export type EmailOptions = Omit<EmailConfig, "kind" | "login"> & {
  readonly login: { readonly user: string; readonly password: ReadSecret } | undefined;
};

const timeoutMs = 10_000;
const subjectCharsMax = 200;
const reasonCharsMax = 300;

/**
 * Sends plain text over SMTP, each time on a connection of its own. All messages of a group are one thread: they have
 * the same subject and refer to the same message; a retry is the same message again.
 */
export function emailReceiver(options: EmailOptions): Receiver {
  return {
    async send(notification, signal) {
      const password = await options.login?.password();
      try {
        const transport = createTransport(await transportOf(options, password));
        return outcomeOf(await transport.sendMail({ ...messageOf(notification, options), signal }));
      } catch (error) {
        return failureOf(error, password);
      }
    },
  };
}

async function transportOf({ host, port, encryption, caFile, login }: EmailOptions, password = "") {
  return {
    host,
    port,
    secure: encryption === "tls",
    requireTLS: encryption === "starttls",
    ignoreTLS: encryption === "none",
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(caFile !== undefined && { tls: { ca: await readFile(caFile) } }),
    ...(login && { auth: { user: login.user, pass: password } }),
  };
}

function messageOf(notification: Notification, { from, to }: EmailOptions) {
  const domain = /@([A-Za-z0-9.-]+)>?$/.exec(from)?.[1] ?? "weft.invalid";
  const thread = `<${digest(notification.dedupKey)}.thread@${domain}>`;
  return {
    from,
    to: [...to],
    subject: fitText(`[Weft] ${groupText(notification)}`, subjectCharsMax),
    text: `${plainText(notification)}\n`,
    messageId: `<${digest(notification.id)}.${digest(notification.receiver)}@${domain}>`,
    inReplyTo: thread,
    references: [thread],
    date: new Date(notification.createdAtMs),
    headers: { "List-Id": `Weft alerts <alerts.${domain}>`, "Auto-Submitted": "auto-generated" },
  };
}

/** Ids are not made for the grammar of a Message-ID. */
function digest(text: string): string {
  return hash("sha256", text, "hex").slice(0, 32);
}

function outcomeOf({ rejected, accepted }: SMTPSentMessageInfo): SendOutcome {
  if (rejected.length === 0) return { kind: "delivered" };
  return {
    kind: "rejected",
    reason: `${accepted.length} got it, and it was refused for ${rejected.join(", ")}`,
  };
}

const passing: ReadonlySet<string> = new Set([
  "ECONNECTION",
  "ETIMEDOUT",
  "ESOCKET",
  "EDNS",
  "EPROTOCOL",
  "EABORT",
]);

/** SMTP says by the first digit of a reply whether it is worth trying again. */
function failureOf(error: unknown, password: string | undefined): SendOutcome {
  if (!(error instanceof Error)) return { kind: "retry", reason: "the message could not be sent" };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const reply =
    "responseCode" in error && typeof error.responseCode === "number" ? error.responseCode : undefined;
  const hidden = password ? error.message.replaceAll(password, "(hidden)") : error.message;
  const reason = fitText(hidden.replace(/\s+/g, " "), reasonCharsMax);
  const isPassing = reply === undefined ? passing.has(code) : reply < 500;
  return { kind: isPassing ? "retry" : "rejected", reason };
}
