import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  AlertService,
  NotificationStatus,
  Severity,
  AlertState as State,
  type WatchAlertsResponse,
} from "@weft/proto/weft/alerts/v1/alerts_pb";
import { Code, createChannel, RpcError } from "@weft/runtime/grpc";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Answer, httpSink } from "./adapters/http-sink.fixture.ts";
import { createAlertManager } from "./service.ts";

/** Nobody listens there: two alerts at once, of an orchestrator and a registry that are away. */
const nowhere = "127.0.0.1:1";
const inAnHour = () => timestampFromMs(Date.now() + 3_600_000);

async function start({ answers = [], rules = "" }: { answers?: readonly Answer[]; rules?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "weft-alerts-"));
  const sink = await httpSink(answers);
  const rulesFile = join(folder, "alerts.yaml");
  const document = `
grouping: { wait: 0s, interval: 1h }
receivers:
  - { name: default, kind: webhook, url: "${sink.url}" }
rules:
  - { name: dependency-unreachable, for: 0s, groupBy: [rule, dependency] }
${rules}`;
  writeFileSync(rulesFile, document);
  const service = createAlertManager({
    address: "127.0.0.1:0",
    orchestratorAddress: nowhere,
    registryAddress: nowhere,
    dataDirectory: undefined,
    rulesFile,
    judgeEveryMs: 20,
    environment: {},
  });
  const { port } = await service.start();
  const channel = createChannel({ address: `127.0.0.1:${port}` });
  const client = channel.client(AlertService);
  onTestFinished(async () => {
    channel.close();
    await service.stop();
    sink.close();
    rmSync(folder, { recursive: true });
  });
  return { client, sink, service, write: (text: string) => writeFileSync(rulesFile, text), document };
}

type Client = Awaited<ReturnType<typeof start>>["client"];

/** Reads a watch until an alert is in a state. */
async function sees(client: Client, state: State, count = 1) {
  const seen = new Map<string, State>();
  for await (const { alerts } of client.watchAlerts({})) {
    for (const alert of alerts) seen.set(alert.fingerprint, alert.state);
    if ([...seen.values()].filter((now) => now === state).length >= count) break;
  }
  return (await client.listAlerts({ filter: { states: [state] } })).alerts;
}

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => (error instanceof RpcError ? { code: error.code, ...error.details } : error),
  );

describe("alerts over gRPC", () => {
  it("are listed in pages, by state, severity and label", async () => {
    const { client } = await start();
    await sees(client, State.FIRING, 2);
    const first = await client.listAlerts({ pageSize: 1 });
    const second = await client.listAlerts({ pageSize: 1, pageToken: first.nextPageToken });
    expect(second.nextPageToken).toBe("");
    const dependencies = [first, second].flatMap(({ alerts }) =>
      alerts.map(({ labels }) => labels["dependency"]),
    );
    expect(new Set(dependencies)).toEqual(new Set(["orchestrator", "registry"]));
    const count = async (filter: object) => (await client.listAlerts({ filter })).alerts.length;
    expect(await count({ severities: [Severity.CRITICAL] })).toBe(2);
    expect(await count({ severities: [Severity.INFO] })).toBe(0);
    expect(await count({ matchers: [{ label: "dependency", patterns: ["reg*"] }] })).toBe(1);
    expect(await count({ states: [State.RESOLVED] })).toBe(0);
  });

  it("are told with whom they were told, and who was not", async () => {
    const { client, sink } = await start({ answers: [{ status: 404 }, { status: 200 }] });
    await sees(client, State.FIRING, 2);
    await sink.got(2);
    const failed = async () => (await client.listAlerts({})).failedNotifications;
    let notifications = await failed();
    while (notifications.length === 0) notifications = await failed();
    expect(notifications).toMatchObject([
      {
        receiver: "default",
        said: State.FIRING,
        status: NotificationStatus.FAILED,
        reason: "it answered 404",
      },
    ]);
    const [fingerprint = ""] = notifications[0]?.alerts ?? [];
    const { alert, notifications: told } = await client.getAlert({ alert: fingerprint });
    expect(alert).toMatchObject({ fingerprint, rule: "dependency-unreachable", state: State.FIRING });
    expect(told.at(-1)).toMatchObject({ status: NotificationStatus.FAILED, reason: "it answered 404" });
    expect((await client.listRules({})).receivers).toMatchObject([
      { name: "default", kind: "webhook", failed: 1 },
    ]);
    expect(await refusal(client.getAlert({ alert: "nothing" }))).toMatchObject({ code: Code.NOT_FOUND });
  });

  it("are acknowledged, which who was told is told", async () => {
    const { client, sink } = await start();
    const [alert] = await sees(client, State.FIRING, 2);
    await sink.got(2);
    const request = { alert: alert?.fingerprint ?? "", by: "ada", comment: "on it" };
    const { alert: taken } = await client.acknowledgeAlert(request);
    expect(taken).toMatchObject({
      state: State.ACKNOWLEDGED,
      acknowledgement: { by: "ada", comment: "on it" },
    });
    await sink.got(3);
    expect(JSON.parse(sink.received[2]?.body ?? "")).toMatchObject({ status: "acknowledged" });
    expect((await client.acknowledgeAlert({ ...request, by: "bob" })).alert?.acknowledgement?.by).toBe("ada");
    expect(await refusal(client.acknowledgeAlert({ alert: "" }))).toMatchObject({
      code: Code.INVALID_ARGUMENT,
      violations: [{ field: "alert" }],
    });
  });

  it("are watched from a snapshot on, and told once more when they match no longer", async () => {
    const { client } = await start();
    const alerts = await sees(client, State.FIRING, 2);
    const filter = { states: [State.FIRING] };
    const messages = client.watchAlerts({ filter })[Symbol.asyncIterator]();
    const next = async (): Promise<WatchAlertsResponse> => (await messages.next()).value;
    expect(await next()).toMatchObject({ snapshot: true, more: false, alerts: [{}, {}] });
    await client.acknowledgeAlert({ alert: alerts[0]?.fingerprint ?? "", by: "ada" });
    expect(await next()).toMatchObject({ snapshot: false, alerts: [{ state: State.ACKNOWLEDGED }] });
    await messages.return?.();
  });

  it("say what is wrong with a request, all at once", async () => {
    const { client } = await start();
    const filter = {
      states: [9 as State],
      severities: [0 as Severity],
      matchers: [{ label: "a-b", patterns: [] }],
    };
    const refused = await refusal(client.listAlerts({ filter, pageSize: 1_001, pageToken: "x" }));
    expect(refused).toMatchObject({ code: Code.INVALID_ARGUMENT, reason: "REQUEST_INVALID" });
    expect((refused as RpcError["details"]).violations?.map(({ field }) => field)).toEqual([
      'filter.matchers["a-b"]',
      'filter.matchers["a-b"]',
      "filter.states[0]",
      "filter.severities[0]",
      "page_size",
      "page_token",
    ]);
  });
});

describe("silences over gRPC", () => {
  const matchers = [{ label: "dependency", patterns: ["registry"] }];

  it("mute what they match until they are ended", async () => {
    const { client } = await start();
    await sees(client, State.FIRING, 2);
    const { silence } = await client.createSilence({
      matchers,
      endTime: inAnHour(),
      by: "ada",
      comment: "why",
    });
    const unmuted = async () => (await client.listAlerts({ filter: { withoutMuted: true } })).alerts;
    expect((await unmuted()).map(({ labels }) => labels["dependency"])).toEqual(["orchestrator"]);
    const silenceId = silence?.silenceId ?? "";
    expect((await client.listSilences({})).silences).toMatchObject([
      { silenceId, by: "ada", comment: "why", matchers },
    ]);
    await client.expireSilence({ silenceId });
    await client.expireSilence({ silenceId });
    expect(await unmuted()).toHaveLength(2);
    expect((await client.listSilences({})).silences).toEqual([]);
    expect((await client.listSilences({ withExpired: true })).silences).toHaveLength(1);
    expect(await refusal(client.expireSilence({ silenceId: "other" }))).toMatchObject({
      code: Code.NOT_FOUND,
    });
  });

  it("are made once for each request id", async () => {
    const { client } = await start();
    const request = { requestId: "r-1", matchers, endTime: inAnHour(), by: "ada" };
    const { silence } = await client.createSilence(request);
    expect((await client.createSilence(request)).silence).toEqual(silence);
    await client.expireSilence({ silenceId: silence?.silenceId ?? "" });
    expect((await client.createSilence(request)).silence?.silenceId).toBe(silence?.silenceId);
    expect((await client.listSilences({})).silences).toEqual([]);
    expect(await refusal(client.createSilence({ ...request, comment: "other" }))).toMatchObject({
      code: Code.ALREADY_EXISTS,
      reason: "REQUEST_ID_TAKEN",
    });
  });

  it("come in pages, those that end first in front", async () => {
    const { client } = await start();
    const endTime = inAnHour();
    const later = timestampFromMs(Date.now() + 7_200_000);
    await client.createSilence({ matchers, endTime: later });
    for (let count = 0; count < 2; count++) await client.createSilence({ matchers, endTime });
    const first = await client.listSilences({ pageSize: 2 });
    const second = await client.listSilences({ pageSize: 2, pageToken: first.nextPageToken });
    expect(first.silences.map((silence) => silence.endTime)).toEqual([endTime, endTime]);
    expect(second).toMatchObject({ silences: [{ endTime: later, by: "local" }], nextPageToken: "" });
    expect(await refusal(client.listAlerts({ pageToken: first.nextPageToken }))).toMatchObject({
      violations: [{ field: "page_token" }],
    });
  });

  it("must say what they mute, and until when", async () => {
    const { client } = await start();
    expect(await refusal(client.createSilence({ endTime: inAnHour() }))).toMatchObject({
      violations: [{ field: "matchers" }],
    });
    expect(await refusal(client.createSilence({ matchers: [...matchers, ...matchers] }))).toMatchObject({
      violations: [{ field: "matchers[1].label" }, { field: "end_time" }],
    });
  });
});

describe("rules over gRPC", () => {
  it("are listed with what is in force, and what was refused", async () => {
    const { client, service, write, document } = await start();
    const inForce = await client.listRules({});
    expect(inForce.refused).toBeUndefined();
    expect(inForce.rules.find(({ name }) => name === "dependency-unreachable")).toMatchObject({
      signal: "dependency_unreachable",
      severity: Severity.CRITICAL,
      escalation: "page",
      groupBy: ["rule", "dependency"],
    });
    write(`${document}\n  - { name: step-stuck, severity: loud }\n`);
    await service.reload();
    const { refused, rules } = await client.listRules({});
    expect(refused?.problems).toMatchObject([{ field: "rules[1].severity", line: 8 }]);
    expect(rules).toHaveLength(inForce.rules.length);
    write(document);
    await service.reload();
    expect((await client.listRules({})).refused).toBeUndefined();
  });

  it("tell whom the document names from its next reading on", async () => {
    const { client, service, write, document, sink } = await start();
    await sees(client, State.FIRING, 2);
    write(
      document
        .replace("name: default", "name: team")
        .replace("rules:", "escalations: [{ name: page, stages: [{ receivers: team }] }]\nrules:"),
    );
    await service.reload();
    const names = (await client.listRules({})).receivers.map(({ name }) => name);
    expect(names).toEqual(["team", "default"]);
    await sink.got(2);
    expect(await client.testReceiver({ receiver: "team", requestId: "r-1" })).toMatchObject({
      delivered: true,
    });
    expect(sink.received.at(-1)?.headers["idempotency-key"]).toBe("test-r-1-end");
  });

  it("are tried on what is known now", async () => {
    const { client } = await start();
    await sees(client, State.FIRING, 2);
    const rules = "rules: [{ name: dependency-unreachable, severity: info, for: 1h }]";
    const { changes } = await client.testRule({ rules });
    expect(changes.map(({ alert }) => [alert?.rule, alert?.state, alert?.severity])).toEqual([
      ["dependency-unreachable", State.PENDING, Severity.INFO],
      ["dependency-unreachable", State.PENDING, Severity.INFO],
    ]);
    expect(await refusal(client.testRule({ rules: "rules: [{ name: x }]" }))).toMatchObject({
      code: Code.INVALID_ARGUMENT,
      reason: "RULES_INVALID",
    });
  });

  it("are tried on events", async () => {
    const { client } = await start();
    const at = (second: number) => timestampFromMs(Date.UTC(2030, 0, 1, 0, 0, second));
    const executionQuarantined = { executionId: "e-1", namespace: "default", workflow: "w", reason: "disk" };
    const systemEvents = [
      {
        source: "orchestrator/one",
        time: at(0),
        event: { case: "executionQuarantined" as const, value: executionQuarantined },
      },
    ];
    const rules = "rules: [{ name: execution-quarantined, for: 0s }]";
    const { changes, notifications } = await client.testRule({ rules, systemEvents });
    expect(changes.map(({ alert }) => alert?.state)).toContain(State.FIRING);
    expect(notifications[0]).toMatchObject({ receiver: "default", said: State.FIRING });
  });
});

describe("a test of a receiver over gRPC", () => {
  it("says what came of it", async () => {
    const { client, sink } = await start({
      answers: [{ status: 200 }, { status: 200 }, { status: 500 }],
    });
    await sink.got(2);
    expect(await client.testReceiver({ receiver: "default" })).toMatchObject({
      delivered: false,
      reason: "it answered 500",
      retryable: true,
    });
    expect(await refusal(client.testReceiver({ receiver: "other" }))).toMatchObject({ code: Code.NOT_FOUND });
  });
});
