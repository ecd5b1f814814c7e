import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  AlertState,
  type CreateSilenceRequest,
  type ListAlertsRequest,
  NotificationStatus,
  Severity,
  type TestRuleRequest,
} from "@weft/proto/weft/alerts/v1/alerts_pb";
import { Code, RpcError } from "@weft/runtime/grpc";
import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { runScripted as weft } from "../testing/run-scripted.ts";
import { type Script, serveScript } from "../testing/scripted-services.ts";
import { storyStartMs } from "../testing/story.ts";
import { runLine } from "../testing/test-world.ts";

const alert = {
  alertId: "85944171f73967e8-1",
  fingerprint: "85944171f73967e8",
  rule: "step-stuck",
  state: AlertState.FIRING,
  severity: Severity.CRITICAL,
  labels: { workflow: "release" },
  annotations: { executionId: "000-1" },
  summary: "publish has made no progress for 5m",
  startTime: timestampFromMs(storyStartMs),
  fireTime: timestampFromMs(storyStartMs + 1_000),
};
const failed = {
  receiver: "pager",
  said: AlertState.FIRING,
  status: NotificationStatus.FAILED,
  failures: 1,
  reason: "it answered 400",
  createTime: timestampFromMs(storyStartMs + 1_000),
  alerts: [alert.fingerprint],
};

describe("weft alerts", () => {
  it("shows what is wrong, and first of all who does not know", async () => {
    const script = {
      listAlerts: () => ({ alerts: [alert], failedNotifications: [failed], nextPageToken: "next" }),
    };
    expect(await weft(script, ["alerts"])).toMatchObject({
      exitCode: 0,
      out: [
        "pager did not get a notification: it answered 400",
        "ALERT             STATE   SEVERITY    SINCE  SUMMARY                              NOTE                RULE        LABELS",
        "85944171f73967e8  firing  critical  1 m ago  publish has made no progress for 5m  pager was not told  step-stuck  workflow=release",
      ],
      err: ["more: weft alerts --page-token next"],
    });
    expect((await weft({ listAlerts: () => ({}) }, ["alerts", "list"])).out).toEqual(["no alerts"]);
  });

  it("passes its filters on", async () => {
    const requests: ListAlertsRequest[] = [];
    const script: Script = {
      listAlerts(request) {
        requests.push(request);
        return {};
      },
    };
    const line = [
      "alerts",
      "--state",
      "firing,resolved",
      "--severity",
      "info",
      "--match",
      "workflow=re*",
      "--unmuted",
    ];
    await weft(script, line);
    expect(requests).toMatchObject([
      {
        filter: {
          states: [AlertState.FIRING, AlertState.RESOLVED],
          severities: [Severity.INFO],
          matchers: [{ label: "workflow", patterns: ["re*"] }],
          withoutMuted: true,
        },
        pageSize: 50,
      },
    ]);
  });

  it("shows one with its story, and whom it was told", async () => {
    const acknowledgement = { by: "ada", comment: "on it" };
    const taken = { ...alert, state: AlertState.ACKNOWLEDGED, acknowledgement, silencedBy: ["silence-1"] };
    const delivered = { ...failed, receiver: "chat", status: NotificationStatus.DELIVERED, reason: "" };
    const { out } = await weft({ getAlert: () => ({ alert: taken, notifications: [failed, delivered] }) }, [
      "alerts",
      "show",
      "x",
    ]);
    expect(out.slice(0, 7)).toEqual([
      "critical  publish has made no progress for 5m",
      "pager did not get a notification: it answered 400",
      "",
      "  state            acknowledged",
      "  muted            silenced by silence-1",
      "  taken on         by ada: on it",
      "  id               85944171f73967e8-1",
    ]);
    expect(out.slice(-2).map((line) => line.replace(/^\S+ \S+/, "…"))).toEqual([
      "…  pager     firing      0  failed     it answered 400",
      "…  chat      firing      0  delivered",
    ]);
  });

  it("says what to do about one that is not there", async () => {
    const getAlert = () => {
      throw new RpcError(Code.NOT_FOUND, 'there is no alert "x"', { reason: "ALERT_NOT_FOUND" });
    };
    expect(await weft({ getAlert }, ["alerts", "show", "x"])).toMatchObject({
      exitCode: 4,
      err: [
        'error: there is no alert "x"',
        "  → weft alerts shows those that there are; --state resolved those that were",
      ],
    });
    expect((await weft({}, ["alerts", "show"])).err[0]).toBe("error: name an alert");
    expect((await weft({}, ["alerts", "shout"])).err[0]).toMatch(
      /^error: weft alerts shout: expected list, watch/,
    );
    expect((await runLineWithout()).err.join()).toMatch(
      /where is the alert manager\?.*--alerts HOST:PORT, or WEFT_ALERTS/,
    );
  });

  it("takes one on in the user's name", async () => {
    const requests: object[] = [];
    const script: Script = {
      acknowledgeAlert(request) {
        requests.push(request);
        return { alert: { ...alert, acknowledgement: { by: request.by } } };
      },
    };
    const run = await weft(script, ["alerts", "ack", "abc", "--comment", "on it"], { env: { USER: "ada" } });
    expect(run.out).toEqual(["abc is taken on by ada, and escalates no more"]);
    expect(requests).toMatchObject([
      { alert: "abc", by: "ada", comment: "on it", requestId: expect.stringMatching(/./) },
    ]);
  });
});

/** Nobody says where the services are. */
async function runLineWithout() {
  const { exitCode, err } = runLine(["alerts"]);
  await exitCode;
  return { err: err.lines() };
}

describe("weft alerts watch", () => {
  it("shows alerts and their changes, across a lost connection", async () => {
    let connections = 0;
    const { address, stop } = await serveScript({
      watchAlerts(_request, stream) {
        connections++;
        stream.write({ snapshot: true, alerts: [alert] });
        if (connections === 1) stream.end();
        else stream.write({ alerts: [{ ...alert, state: AlertState.RESOLVED }] });
      },
    });
    onTestFinished(stop);
    const clock = new StepClock(storyStartMs);
    const run = runLine(["alerts", "watch"], { address, clock });
    await vi.waitFor(() => expect(run.err.lines().join()).toMatch(/connection lost/));
    clock.advance(5_000);
    await vi.waitFor(() => expect(run.out.lines()).toHaveLength(2));
    run.interrupt();
    expect(await run.exitCode).toBe(0);
    expect(run.err.lines().at(-1)).toBe("connected again");
    expect(run.out.lines().map((line) => line.split("  ").slice(1, 3))).toEqual([
      ["85944171f73967e8", "firing"],
      ["85944171f73967e8", "resolved"],
    ]);
  });
});

describe("weft alerts silence", () => {
  const silence = {
    silenceId: "silence-1",
    matchers: [{ label: "workflow", patterns: ["re*"] }],
    endTime: timestampFromMs(storyStartMs + 7_260_000),
    by: "ada",
    comment: "planned",
  };

  it("mutes what matches, or one alert", async () => {
    const requests: CreateSilenceRequest[] = [];
    const script: Script = {
      getAlert: () => ({ alert }),
      createSilence(request) {
        requests.push(request);
        return { silence };
      },
    };
    const run = await weft(script, ["alerts", "silence", "--match", "workflow=re*", "--for", "2h"]);
    expect(run.out[0]).toMatch(/^silence-1 mutes workflow=re\* until \d{4}-/);
    await weft(script, ["alerts", "silence", "abc", "--for", "30m"]);
    expect(requests[0]?.endTime).toEqual(silence.endTime);
    expect(requests[1]?.matchers).toMatchObject([
      { label: "workflow", patterns: ["release"] },
      { label: "rule", patterns: ["step-stuck"] },
    ]);
    expect((await weft(script, ["alerts", "silence", "abc"])).err[0]).toBe(
      "error: say for how long: --for 2h",
    );
    expect((await weft(script, ["alerts", "silence", "--for", "2h"])).err[0]).toMatch(/say what to silence/);
    expect((await weft(script, ["alerts", "silence", "abc", "--for", "long"])).err[0]).toMatch(
      /--for long: expected/,
    );
  });

  it("lists them, and ends one", async () => {
    const script: Script = {
      listSilences: () => ({ silences: [silence] }),
      expireSilence: () => ({ silence }),
    };
    expect((await weft(script, ["alerts", "silences"])).out).toEqual([
      "SILENCE    MATCHES              ENDS  BY   COMMENT",
      "silence-1  workflow=re*  in 2 h 00 m  ada  planned",
    ]);
    expect((await weft(script, ["alerts", "unsilence", "silence-1"])).out).toEqual([
      "silence-1 is over: people are told again",
    ]);
    expect((await weft({ listSilences: () => ({}) }, ["alerts", "silences"])).out).toEqual(["no silences"]);
  });
});

describe("weft alerts rules", () => {
  it("shows what is in force and who is told, and first of all what was refused", async () => {
    const script: Script = {
      listRules: () => ({
        refused: {
          time: timestampFromMs(storyStartMs),
          problems: [{ field: "rules[2].for", description: "is no duration", line: 7 }],
        },
        rules: [
          {
            name: "step-stuck",
            severity: Severity.WARNING,
            enabled: true,
            escalation: "page",
            signal: "step_stuck",
            firingAlerts: 2,
            pendingAlerts: 1,
          },
          {
            name: "queue-age",
            severity: Severity.INFO,
            enabled: false,
            escalation: "notice",
            signal: "queue_age",
          },
        ],
        receivers: [{ name: "pager", kind: "pagerduty", pending: 1, failed: 2, problem: "it answered 400" }],
      }),
    };
    expect((await weft(script, ["alerts", "rules"])).out).toEqual([
      "the rules were refused (1 m ago); those below are older",
      "  line 7: rules[2].for is no duration",
      "",
      "RULE        SEVERITY               ALERTS  TELLS   SIGNAL",
      "step-stuck  warning   2 firing, 1 pending  page    step_stuck",
      "queue-age   off                            notice  queue_age",
      "",
      "RECEIVER  KIND       WAITING  FAILED  PROBLEM",
      "pager     pagerduty        1       2  it answered 400",
    ]);
  });
});

describe("weft alerts test", () => {
  function files(contents: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), "weft-alerts-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const [name, text] of Object.entries(contents)) writeFileSync(join(folder, name), text);
    return folder;
  }

  it("says what rules would do with events", async () => {
    const requests: TestRuleRequest[] = [];
    const script: Script = {
      testRule(request) {
        requests.push(request);
        return {
          changes: [{ time: alert.startTime, alert }],
          notifications: [{ ...failed, status: NotificationStatus.PENDING }],
        };
      },
    };
    const directory = files({
      "alerts.yaml": "rules: []",
      "events.jsonl": '{"namespace":"default","workflow":"w"}\n\n{"source":"registry/one","sequence":"1"}\n',
      "bad.jsonl": '{"namespace":"default"}\n{"nonsense":1}\n',
    });
    const run = await weft(script, ["alerts", "test", "alerts.yaml", "--events", "events.jsonl"], {
      directory,
    });
    expect(requests).toMatchObject([
      {
        rules: "rules: []",
        executionEvents: [{ workflow: "w" }],
        systemEvents: [{ source: "registry/one" }],
      },
    ]);
    expect(run.out).toEqual([
      "12:00:00.000  85944171f73967e8  firing        critical  publish has made no progress for 5m",
      "12:00:01.000  pager is told that it is firing (stage 0)",
    ]);
    const bad = await weft(script, ["alerts", "test", "alerts.yaml", "--events", "bad.jsonl"], { directory });
    expect(bad.err[0]).toMatch(/^error: bad.jsonl, line 2: no event: /);
    const quiet = await weft({ testRule: () => ({}) }, ["alerts", "test", "alerts.yaml"], { directory });
    expect(quiet.out).toEqual(["these rules would say nothing"]);
  });

  it("says whether a receiver takes notifications", async () => {
    const line = ["alerts", "test", "--receiver", "ops"];
    expect(await weft({ testReceiver: () => ({ delivered: true }) }, line)).toMatchObject({
      exitCode: 0,
      out: ["ops has taken the test notification"],
    });
    const refused = { testReceiver: () => ({ reason: "it answered 404", retryable: false }) };
    expect(await weft(refused, line)).toMatchObject({
      exitCode: 4,
      out: ["ops has not taken it: it answered 404; an alert would be given up"],
    });
  });
});
