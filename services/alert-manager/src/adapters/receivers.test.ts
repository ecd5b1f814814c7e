import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "@weft/runtime/logger";
import { silentLogger } from "@weft/runtime/logger";
import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Notification } from "../core/notification.ts";
import { pagerDutyUrl, type ReceiverConfig } from "../core/receiver-config.ts";
import { type Answer, httpSink, nobody } from "./http-sink.fixture.ts";
import { alertView, notificationOf } from "./notification.fixture.ts";
import { openReceiver } from "./receivers.ts";

/** A server for this test. */
async function sinkOf(...answers: Parameters<typeof httpSink>) {
  const sink = await httpSink(...answers);
  onTestFinished(() => sink.close());
  return sink;
}

const environment = { HOOK_SECRET: "hook-secret", HOOK_URL: "", ROUTING_KEY: "routing-key" };

function open(
  config: ReceiverConfig,
  { clock = new StepClock(), logger = silentLogger as Logger, env = {} } = {},
) {
  const receiver = openReceiver(config, { clock, logger, environment: { ...environment, ...env } });
  return (notification: Notification = notificationOf(), signal = new AbortController().signal) =>
    receiver.send(notification, signal);
}

const kinds = {
  webhook: (url: string): ReceiverConfig => ({
    kind: "webhook",
    name: "hook",
    url: { kind: "plain", url },
    secrets: [{ kind: "env", name: "HOOK_SECRET" }],
    token: undefined,
  }),
  slack: (url: string): ReceiverConfig => ({ kind: "slack", name: "chat", url: { kind: "plain", url } }),
  pagerduty: (url: string): ReceiverConfig => ({
    kind: "pagerduty",
    name: "pager",
    url: { kind: "plain", url },
    routingKey: { kind: "env", name: "ROUTING_KEY" },
  }),
} as const;

describe.each(Object.entries(kinds))("a receiver of the kind %s", (_, configOf) => {
  async function answered(...answers: readonly (Answer | "silence")[]) {
    const sink = await sinkOf(answers);
    const clock = new StepClock();
    return { sink, clock, send: open(configOf(sink.url), { clock }) };
  }

  it("delivers, and sends the same again when asked again", async () => {
    const { sink, send } = await answered({ status: 503 }, { status: 202 });
    expect(await send()).toEqual({ kind: "retry", reason: "it answered 503" });
    expect(await send()).toEqual({ kind: "delivered" });
    const [first, second] = sink.received;
    expect(second?.body).toBe(first?.body);
    expect(first?.headers["content-type"]).toBe("application/json");
  });

  it("is to be tried again when it says when", async () => {
    const late = new Date(new StepClock().now() + 90_000).toUTCString();
    const { send } = await answered(
      { status: 429, headers: { "retry-after": "7" } },
      { status: 503, headers: { "retry-after": late } },
      { status: 429, headers: { "retry-after": "999999" } },
      { status: 429, headers: { "retry-after": "soon" } },
    );
    expect(await send()).toMatchObject({ kind: "retry", afterMs: 7_000 });
    expect(await send()).toMatchObject({ kind: "retry", afterMs: 90_000 });
    expect(await send()).toMatchObject({ kind: "retry", afterMs: 3_600_000 });
    expect(await send()).toEqual({ kind: "retry", reason: "it answered 429" });
  });

  it("is not tried again when it says no, and its words are shown on one short line", async () => {
    const { send } = await answered({ status: 400, body: `bad\n  key ${"x".repeat(10_000)}` });
    const outcome = await send();
    expect(outcome).toMatchObject({ kind: "rejected" });
    expect("reason" in outcome && outcome.reason).toMatch(/^it answered 400: bad key x{192}$/);
  });

  it("sends alerts nowhere else", async () => {
    const elsewhere = await sinkOf();
    const { send } = await answered({ status: 307, headers: { location: elsewhere.url } });
    expect(await send()).toEqual({ kind: "rejected", reason: "it answered 307; redirects are not followed" });
    expect(elsewhere.received).toEqual([]);
  });

  it("is tried again when nobody listens, and the address is not told", async () => {
    const send = open(configOf(`${await nobody()}/T0/secret-path`));
    expect(await send()).toEqual({ kind: "retry", reason: "the connection failed: ECONNREFUSED" });
  });

  it("is tried again when it does not answer in time", async () => {
    const { sink, clock, send } = await answered("silence");
    const sending = send();
    await sink.got(1);
    clock.advance(10_000);
    expect(await sending).toEqual({ kind: "retry", reason: "no answer in 10 s" });
    expect(clock.armed).toBe(0);
  });

  it("ends when it is told to", async () => {
    const { sink, send } = await answered("silence");
    const stop = new AbortController();
    const sending = send(notificationOf(), stop.signal);
    await sink.got(1);
    stop.abort();
    expect(await sending).toMatchObject({ kind: "retry" });
  });
});

describe("secrets", () => {
  it("are not shown when the answer repeats them", async () => {
    const sink = await sinkOf([{ status: 400, body: "unknown key routing-key" }]);
    expect(await open(kinds.pagerduty(sink.url))()).toEqual({
      kind: "rejected",
      reason: "it answered 400: unknown key (hidden)",
    });
  });

  it("are missing for now: the delivery is tried again, and says where it looked", async () => {
    const sink = await sinkOf();
    const send = open(kinds.pagerduty(sink.url), { env: { ROUTING_KEY: " " } });
    expect(await send()).toEqual({ kind: "retry", reason: "the variable ROUTING_KEY holds no secret" });
    expect(sink.received).toEqual([]);
  });

  it("are read from their file for every use", async () => {
    const folder = await mkdtemp(join(tmpdir(), "weft-secret-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "routing-key");
    const sink = await sinkOf();
    const send = open({ ...kinds.pagerduty(sink.url), routingKey: { kind: "file", path } } as ReceiverConfig);
    expect(await send()).toEqual({ kind: "retry", reason: `the file ${path} can't be read: ENOENT` });
    writeFileSync(path, "first\n");
    await send();
    writeFileSync(path, "second\n");
    await send();
    expect(sink.received.map(({ body }) => JSON.parse(body).routing_key)).toEqual(["first", "second"]);
  });
});

describe("the log receiver", () => {
  it("writes one line for each notification, as loud as it is severe", async () => {
    const lines: unknown[] = [];
    const at = (level: string) => (fields: object, message: string) => lines.push([level, message, fields]);
    const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
    const send = open({ kind: "log", name: "log" }, { logger });
    await send(notificationOf({ alerts: Array.from({ length: 7 }, () => alertView()), alertsLeftOut: 3 }));
    await send(notificationOf({ severity: "warning" }));
    await send(notificationOf({ status: "resolved" }));
    expect(lines).toMatchObject([
      ["error", "FIRING critical: step-stuck namespace=default workflow=release", { alertsLeftOut: 5 }],
      ["warn", "FIRING warning: step-stuck namespace=default workflow=release", { notification: "n-1" }],
      ["info", "RESOLVED: step-stuck namespace=default workflow=release", {}],
    ]);
  });
});

it("PagerDuty is reached where it documents its Events API v2", () => {
  expect(pagerDutyUrl).toBe("https://events.pagerduty.com/v2/enqueue");
});
