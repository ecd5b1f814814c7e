import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Notification } from "../core/notification.ts";
import { nobody } from "./http-sink.fixture.ts";
import { alertView, notificationOf } from "./notification.fixture.ts";
import { type EmailOptions, emailReceiver } from "./receiver-email.ts";
import { testCertificate } from "./test-certificate.fixture.ts";

type Mail = {
  readonly recipients: readonly string[];
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  /** By lower-case name; folded ones in one line. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

/** A real SMTP server that remembers what it got. */
async function smtpSink(options: SMTPServerOptions = {}) {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    ...testCertificate,
    authOptional: true,
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, done) =>
      password === "right" ? done(null, { user: username }) : done(new Error("no such user")),
    onData(stream, { envelope, secure, user }, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const recipients = envelope.rcptTo.map(({ address }) => address);
        const sender = typeof user === "string" ? user : undefined;
        mails.push({
          recipients,
          isEncrypted: secure,
          user: sender,
          ...parse(Buffer.concat(chunks).toString("utf8")),
        });
        done();
      });
    },
    ...options,
  });
  // Whoever hangs up in the middle is no problem of a test.
  server.on("error", () => {});
  const listener = server.listen(0, "127.0.0.1");
  await once(listener, "listening");
  onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)));
  return { port: (listener.address() as AddressInfo).port, mails };
}

function parse(message: string): Pick<Mail, "headers" | "text"> {
  const [head = "", ...body] = message.split("\r\n\r\n");
  const lines = head.replace(/\r\n[ \t]+/g, " ").split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return { headers: Object.fromEntries(headers), text: body.join("\n\n").replaceAll("\r\n", "\n") };
}

let caFile: string;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "weft-email-"));
  caFile = join(folder, "ca.pem");
  await writeFile(caFile, testCertificate.cert);
  return () => rm(folder, { recursive: true });
});

function open(port: number, differing: Partial<EmailOptions> = {}) {
  const receiver = emailReceiver({
    host: "localhost",
    port,
    encryption: "none",
    caFile: undefined,
    login: undefined,
    from: "Weft <weft@example.com>",
    to: ["ops@example.com"],
    ...differing,
  });
  return (notification: Notification = notificationOf(), signal = new AbortController().signal) =>
    receiver.send(notification, signal);
}

const login = (password: string) => ({ user: "weft", password: async () => password });

describe("the e-mail receiver", () => {
  it("sends plain text that says what it is about", async () => {
    const { port, mails } = await smtpSink();
    expect(await open(port, { to: ["ops@example.com", "dev@example.com"] })()).toEqual({ kind: "delivered" });
    expect(mails).toMatchObject([{ recipients: ["ops@example.com", "dev@example.com"] }]);
    expect(mails[0]?.headers).toMatchObject({
      from: "Weft <weft@example.com>",
      to: "ops@example.com, dev@example.com",
      subject: "[Weft] step-stuck namespace=default workflow=release",
      "list-id": "Weft alerts <alerts.example.com>",
      "auto-submitted": "auto-generated",
      "content-type": "text/plain; charset=utf-8",
    });
    expect(mails[0]?.text).toBe(`FIRING critical: step-stuck namespace=default workflow=release

publish of release has made no progress for 5m
  firing, critical, since 2030-01-01T12:00:00.000Z
  namespace=default workflow=release
  executionId: 000-1
  stepId: publish
`);
  });

  it("makes one thread of a group: other messages, the same subject and ancestor", async () => {
    const { port, mails } = await smtpSink();
    const send = open(port);
    await send();
    await send(notificationOf({ id: "n-2", status: "resolved", severity: "warning" }));
    await send(notificationOf({ id: "n-3", dedupKey: "group-2" }));
    const [fired, resolved, other] = mails.map(({ headers }) => headers);
    expect(resolved?.["subject"]).toBe(fired?.["subject"]);
    expect(resolved?.["references"]).toBe(fired?.["references"]);
    expect(resolved?.["in-reply-to"]).toBe(fired?.["references"]);
    expect(resolved?.["message-id"]).not.toBe(fired?.["message-id"]);
    expect(other?.["references"]).not.toBe(fired?.["references"]);
  });

  it("sends the same message again on a retry", async () => {
    const { port, mails } = await smtpSink();
    await open(port)();
    await open(port)();
    expect(mails[1]?.headers).toEqual(mails[0]?.headers);
    expect(mails[1]?.text).toBe(mails[0]?.text);
  });

  it("can't be made to add headers or recipients", async () => {
    const { port, mails } = await smtpSink();
    const groupLabels = { rule: "r", workflow: "x\r\nBcc: eve@example.com\r\n\r\nbody" };
    await open(port)(notificationOf({ groupLabels, alerts: [alertView({ summary: "a\r\n.\r\nb" })] }));
    expect(mails[0]?.recipients).toEqual(["ops@example.com"]);
    expect(mails[0]?.headers).not.toHaveProperty("bcc");
    expect(mails).toHaveLength(1);
  });

  it("encrypts with STARTTLS and then logs in", async () => {
    const { port, mails } = await smtpSink();
    const send = open(port, { encryption: "starttls", caFile, login: login("right") });
    expect(await send()).toEqual({ kind: "delivered" });
    expect(mails).toMatchObject([{ isEncrypted: true, user: "weft" }]);
  });

  it("encrypts from the first byte", async () => {
    const { port, mails } = await smtpSink({ secure: true });
    expect(await open(port, { encryption: "tls", caFile })()).toEqual({ kind: "delivered" });
    expect(mails).toMatchObject([{ isEncrypted: true }]);
  });

  it("sends nothing in the clear when STARTTLS is not to be had", async () => {
    const { port, mails } = await smtpSink({ disabledCommands: ["STARTTLS"] });
    expect(await open(port, { encryption: "starttls", login: login("right") })()).toMatchObject({
      kind: "rejected",
    });
    expect(mails).toEqual([]);
  });

  it("trusts no certificate that nobody vouches for", async () => {
    const { port, mails } = await smtpSink({ secure: true });
    const outcome = await open(port, { encryption: "tls" })();
    expect(outcome).toMatchObject({ kind: "retry", reason: expect.stringContaining("certificate") });
    expect(mails).toEqual([]);
  });

  it("is rejected with a wrong password, which is not shown", async () => {
    const { port } = await smtpSink();
    const outcome = await open(port, { encryption: "starttls", caFile, login: login("wrong-one") })();
    expect(outcome).toMatchObject({ kind: "rejected" });
    expect(JSON.stringify(outcome)).not.toContain("wrong-one");
  });

  it("is tried again when the server says later, and not when it says never", async () => {
    const saying =
      (responseCode: number) => (_address: unknown, _session: unknown, done: (error: Error) => void) =>
        done(Object.assign(new Error("no"), { responseCode }));
    const later = await smtpSink({ onRcptTo: saying(451) });
    expect(await open(later.port)()).toMatchObject({ kind: "retry" });
    const never = await smtpSink({ onRcptTo: saying(550) });
    expect(await open(never.port)()).toMatchObject({ kind: "rejected" });
  });

  it("says who did not get it", async () => {
    const { port } = await smtpSink({
      onRcptTo: ({ address }, _session, done) =>
        address.startsWith("gone") ? done(Object.assign(new Error("gone"), { responseCode: 550 })) : done(),
    });
    expect(await open(port, { to: ["ops@example.com", "gone@example.com"] })()).toEqual({
      kind: "rejected",
      reason: "1 got it, and it was refused for gone@example.com",
    });
  });

  it("is tried again when nobody listens", async () => {
    const { port } = new URL(await nobody());
    expect(await open(Number(port))()).toMatchObject({ kind: "retry" });
  });

  it("ends when it is told to", async () => {
    const asked = Promise.withResolvers<void>();
    const { port } = await smtpSink({ onMailFrom: () => asked.resolve() });
    const stop = new AbortController();
    const sending = open(port)(notificationOf(), stop.signal);
    await asked.promise;
    stop.abort();
    expect(await sending).toMatchObject({ kind: "retry" });
  });
});
