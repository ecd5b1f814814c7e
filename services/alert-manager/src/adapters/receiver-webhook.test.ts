import { createHmac, timingSafeEqual } from "node:crypto";
import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it, onTestFinished } from "vitest";
import { httpSink } from "./http-sink.fixture.ts";
import { alertView, notificationOf } from "./notification.fixture.ts";
import { signature, webhookReceiver } from "./receiver-webhook.ts";

/** A server for this test. */
async function sinkOf(...answers: Parameters<typeof httpSink>) {
  const sink = await httpSink(...answers);
  onTestFinished(() => sink.close());
  return sink;
}

const signal = new AbortController().signal;
const now = new StepClock().now();

/** What docs/reference/alerts.md tells receivers to do. */
function isGenuine(header: string, body: string, secret: string, nowMs: number): boolean {
  const parts = header.split(",").map((part) => part.split("="));
  const seconds = Number(parts.find(([name]) => name === "t")?.[1]);
  if (!(Math.abs(nowMs / 1_000 - seconds) <= 300)) return false;
  const expected = createHmac("sha256", secret).update(`${seconds}.${body}`).digest();
  return parts
    .filter(([name]) => name === "v1")
    .map(([, hex = ""]) => Buffer.from(hex, "hex"))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

async function sent(differing = {}) {
  const sink = await sinkOf();
  const options = {
    url: async () => `${sink.url}/alerts`,
    secrets: [async () => "new", async () => "old"],
    token: undefined,
    ...differing,
  };
  await webhookReceiver(new StepClock(), options).send(notificationOf(), signal);
  const [request] = sink.received;
  if (!request) throw new Error("nothing was sent");
  return request;
}

describe("a webhook", () => {
  it("is signed over its time and body, with each of its secrets", async () => {
    const { headers, body } = await sent();
    const header = String(headers["weft-signature"]);
    expect(isGenuine(header, body, "new", now)).toBe(true);
    expect(isGenuine(header, body, "old", now)).toBe(true);
    expect(isGenuine(header, body, "other", now)).toBe(false);
    expect(isGenuine(header, `${body} `, "new", now)).toBe(false);
  });

  it("is no good to who repeats it later, or under another time", async () => {
    const header = signature("{}", ["secret"], now);
    expect(isGenuine(header, "{}", "secret", now + 300_000)).toBe(true);
    expect(isGenuine(header, "{}", "secret", now + 301_000)).toBe(false);
    const later = header.replace(/^t=\d+/, `t=${now / 1_000 + 400}`);
    expect(isGenuine(later, "{}", "secret", now + 400_000)).toBe(false);
  });

  it("says which notification and which group it is, and who sends it", async () => {
    const { path, headers } = await sent({ token: async () => "bearer", secrets: [] });
    expect(path).toBe("/alerts");
    expect(headers).toMatchObject({
      "idempotency-key": "n-1",
      "weft-dedup-key": "group-1",
      authorization: "Bearer bearer",
    });
    expect(headers).not.toHaveProperty("weft-signature");
  });

  it("carries the whole notification, times as text", async () => {
    const { body } = await sent();
    const { annotations, labels, summary } = alertView();
    expect(JSON.parse(body)).toEqual({
      version: 1,
      id: "n-1",
      dedupKey: "group-1",
      status: "firing",
      severity: "critical",
      receiver: "ops",
      stage: 0,
      createdAt: "2030-01-01T12:01:00.000Z",
      groupLabels: { rule: "step-stuck", namespace: "default", workflow: "release" },
      alertsLeftOut: 0,
      alerts: [
        {
          id: "85944171f73967e8-1",
          fingerprint: "85944171f73967e8",
          rule: "step-stuck",
          state: "firing",
          severity: "critical",
          isFlapping: false,
          silencedBy: [],
          labels,
          annotations,
          summary,
          startsAt: "2030-01-01T12:00:00.000Z",
          firedAt: "2030-01-01T12:01:00.000Z",
        },
      ],
    });
  });
});
