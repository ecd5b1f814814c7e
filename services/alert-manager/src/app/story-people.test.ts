import { describe, expect, it } from "vitest";
import { openMemoryAlertStore } from "../adapters/store-memory.ts";
import { Story } from "./story.fixture.ts";

/** Three stages, to three people. */
const onCall = `
escalations:
  - name: page
    stages:
      - receivers: [first]
      - { after: 10m, receivers: [second], severity: critical }
      - { after: 20m, receivers: [boss, second] }
    repeat: { every: 1h, times: 1 }
rules:
  - { name: dependency-unreachable, severity: warning }
`;

function begin(rules = onCall): Promise<Story> {
  const receivers = ["default", "first", "second", "boss"];
  return Story.begin({ store: openMemoryAlertStore(), rules, receivers, lookEvery: "5s" });
}

const down = "dependency-unreachable";

describe("an escalation", () => {
  it("calls one after the other until it is over, and then begins again, so many times", async () => {
    const mesh = await begin();
    await mesh.dependency("nats", false);
    await mesh.pass("1m");
    expect(mesh.told()).toEqual([`first: firing warning ${down}`]);
    await mesh.pass("10m");
    expect(mesh.told()).toEqual([`second: firing critical ${down}`]);
    await mesh.pass("20m");
    expect(mesh.told()).toEqual([`boss: firing critical ${down}`, `second: firing critical ${down}`]);
    await mesh.pass("1h");
    expect(mesh.told()).toEqual([`first: firing critical ${down}`]);
    await mesh.pass("30m");
    expect(mesh.told()).toHaveLength(3);
    await mesh.pass("1d");
    expect(mesh.told()).toEqual([]);
    await mesh.dependency("nats", true);
    await mesh.pass("2m");
    expect(mesh.told()).toEqual(
      ["first", "second", "boss"].map((name) => `${name}: resolved critical ${down}`),
    );
  });

  it("has one dedup key from the first call to the resolve, and an id for each notification", async () => {
    const mesh = await begin();
    await mesh.dependency("nats", false);
    await mesh.pass("40m");
    await mesh.dependency("nats", true);
    await mesh.pass("2m");
    expect(mesh.handed).toHaveLength(7);
    expect(new Set(mesh.handed.map(({ dedupKey }) => dedupKey)).size).toBe(1);
    expect(new Set(mesh.handed.map(({ id }) => id)).size).toBe(7);
    expect(mesh.handed.map(({ stage }) => stage)).toEqual([0, 1, 2, 2, 2, 2, 2]);
  });

  it("does not wait when a call can't be delivered", async () => {
    const mesh = await begin();
    mesh.answers.set("first", () => ({ kind: "rejected", reason: "no such channel" }));
    await mesh.dependency("nats", false);
    await mesh.pass("1m");
    expect(mesh.told()).toEqual([`first: firing warning ${down}`, `second: firing critical ${down}`]);
    expect(mesh.engine.desk.listNotifications({ status: "failed", limit: 10 })).toMatchObject([
      { reason: "no such channel", failures: 1, notification: { receiver: "first" } },
    ]);
  });

  it("stops where its condition has ceased, though the alert is kept firing", async () => {
    const mesh = await begin(`${onCall}  - { name: agent-flapping, keepFiringFor: 1h, escalation: page }`);
    for (let time = 0; time < 6; time++) {
      await mesh.agent("a1", "READY");
      await mesh.agent("a1", "SUSPECT");
    }
    await mesh.agent("a1", "READY");
    await mesh.pass("14m");
    expect(mesh.told()).toHaveLength(2);
    await mesh.pass("55m");
    expect(mesh.told()).toEqual([]);
    expect(mesh.alerts()).toEqual(["agent-flapping firing"]);
  });
});

describe("an acknowledgement", () => {
  it("stops the escalation, tells those who were called, and the resolve still reaches them", async () => {
    const mesh = await begin();
    await mesh.dependency("nats", false);
    await mesh.pass("1m");
    await mesh.acknowledge(down);
    await mesh.pass("1d");
    expect(mesh.told()).toEqual([`first: firing warning ${down}`, `first: acknowledged warning ${down}`]);
    expect(mesh.alert(down).acknowledgement).toMatchObject({ by: "ada", comment: "on it" });
    await mesh.dependency("nats", true);
    await mesh.pass("2m");
    expect(mesh.told()).toEqual([`first: resolved warning ${down}`]);
  });

  it("ends with the alert: the next time it fires, people are called again", async () => {
    const mesh = await begin();
    await mesh.dependency("nats", false);
    await mesh.pass("1m");
    await mesh.acknowledge(down);
    await mesh.dependency("nats", true);
    await mesh.pass("2m");
    mesh.told();
    await mesh.dependency("nats", false);
    await mesh.pass("1m");
    expect(mesh.told()).toEqual([`first: firing warning ${down}`]);
    expect(mesh.alert(down).acknowledgement).toBeUndefined();
  });

  it("of one alert does not cover another of its group", async () => {
    const mesh = await begin("{ escalations: [{ name: notice, stages: [{ receivers: first }] }] }");
    for (const id of ["a1", "a2"]) await mesh.agent(id, "READY");
    await mesh.agent("a1", "SUSPECT");
    await mesh.pass("45s");
    await mesh.acknowledge("agent-lost");
    await mesh.agent("a2", "SUSPECT");
    await mesh.pass("45s");
    expect(mesh.told()).toEqual([
      "first: firing warning agent-lost",
      "first: acknowledged warning agent-lost",
      "first: firing warning agent-lost, agent-lost",
    ]);
  });

  it("is refused for what does not fire", async () => {
    const mesh = await begin();
    const { desk } = mesh.engine;
    expect(await desk.acknowledge("0123456789abcdef", "ada", "")).toMatchObject({
      reason: "ALERT_NOT_FOUND",
    });
    await mesh.dependency("nats", false);
    await mesh.pass("5s");
    const { fingerprint } = mesh.alert(down);
    expect(await desk.acknowledge(fingerprint, "ada", "")).toMatchObject({ reason: "NOT_FIRING" });
    await mesh.pass("1m");
    expect(await desk.acknowledge(fingerprint, "", "")).toMatchObject({ problems: [{ field: "by" }] });
  });
});

describe("a silence", () => {
  it("mutes what it matches, shows it, and calls people when it is over and the alert is not", async () => {
    const mesh = await begin();
    await mesh.silence({ rule: ["dependency-*"], dependency: ["nats"] }, "1h");
    await mesh.dependency("nats", false);
    await mesh.pass("59m");
    expect(mesh.told()).toEqual([]);
    expect(mesh.alerts()).toEqual([`${down} firing (silenced)`]);
    await mesh.pass("2m");
    expect(mesh.told()).toEqual([`first: firing warning ${down}`]);
  });

  it("mutes nothing else", async () => {
    const mesh = await begin();
    await mesh.silence({ dependency: ["!nats"] }, "1h");
    await mesh.dependency("nats", false);
    await mesh.dependency("registry", false);
    await mesh.pass("1m");
    expect(mesh.told()).toEqual([`first: firing warning ${down}`]);
    expect(mesh.handed[0]?.groupLabels).toEqual({ rule: down, dependency: "nats" });
  });

  it("holds an escalation up, and does not hide the resolve from who was called", async () => {
    const mesh = await begin();
    await mesh.dependency("nats", false);
    await mesh.pass("1m");
    const id = await mesh.silence({ rule: [down] }, "2h");
    await mesh.pass("1h");
    expect(mesh.told()).toEqual([`first: firing warning ${down}`]);
    await mesh.engine.desk.expireSilence(id);
    await mesh.pass("5s");
    expect(mesh.told()).toEqual([`second: firing critical ${down}`]);
    await mesh.silence({ rule: [down] }, "2h");
    await mesh.dependency("nats", true);
    await mesh.pass("2m");
    expect(mesh.told().toSorted()).toEqual([
      `first: resolved critical ${down}`,
      `second: resolved critical ${down}`,
    ]);
  });

  it("says what is wrong with it", async () => {
    const { engine, clock } = await begin();
    const untilMs = clock.now() - 1;
    const silence = await engine.desk.createSilence({
      matchers: {},
      untilMs,
      by: "",
      comment: "x".repeat(1_001),
    });
    expect(silence).toMatchObject({
      reason: "REQUEST_INVALID",
      problems: [{ field: "matchers" }, { field: "until" }, { field: "by" }, { field: "comment" }],
    });
    expect(await engine.desk.expireSilence("silence-9")).toMatchObject({ reason: "SILENCE_NOT_FOUND" });
  });
});

describe("a group", () => {
  it("tells at once what fires together, and what joins later not more often than its interval", async () => {
    const mesh = await begin("{ escalations: [{ name: notice, stages: [{ receivers: first }] }] }");
    for (const id of ["a1", "a2", "a3", "a4"]) await mesh.agent(id, "READY");
    await mesh.agent("a1", "SUSPECT");
    await mesh.pass("5s");
    await mesh.agent("a2", "SUSPECT");
    await mesh.pass("40s");
    expect(mesh.told()).toEqual(["first: firing warning agent-lost, agent-lost"]);
    await mesh.agent("a3", "SUSPECT");
    await mesh.pass("1m");
    await mesh.agent("a4", "SUSPECT");
    await mesh.pass("1m");
    expect(mesh.told()).toEqual([]);
    await mesh.pass("3m30s");
    expect(mesh.told()).toEqual(["first: firing warning agent-lost, agent-lost, agent-lost, agent-lost"]);
  });

  it("of ten thousand late executions is one alert", async () => {
    const mesh = await begin("{ escalations: [{ name: page, stages: [{ receivers: first }] }] }");
    for (let number = 0; number < 10_000; number++) await mesh.started(`e${number}`, { timeout: "1m" });
    await mesh.pass("2m");
    expect(mesh.told()).toEqual(["first: firing critical execution-sla-breached"]);
    expect(mesh.alert("execution-sla-breached").annotations).toMatchObject({
      count: "10000",
      examples: "e0, e1, e2, e3, e4",
    });
  });
});

describe("an alert that flaps", () => {
  it("is told so often and then held, until it has been quiet for a while", async () => {
    const mesh = await begin();
    for (let time = 0; time < 10; time++) {
      await mesh.dependency("nats", false);
      await mesh.pass("45s");
      await mesh.dependency("nats", true);
      await mesh.pass("1m15s");
    }
    expect(mesh.told().filter((line) => line.startsWith("first"))).toEqual([
      ...Array.from({ length: 3 }, () => [
        `first: firing warning ${down}`,
        `first: resolved warning ${down}`,
      ]).flat(),
      `first: firing warning ${down}`,
    ]);
    expect(mesh.alert(down).isFlapping).toBe(true);
    await mesh.pass("15m");
    expect(mesh.told().at(0)).toBe(`first: resolved critical ${down}`);
    expect(mesh.alerts()).toEqual([]);
  });
});
