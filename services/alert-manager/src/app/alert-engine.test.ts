import { StepClock } from "@weft/runtime/step-clock";
import { WorkerLost } from "@weft/runtime/worker-calls";
import { describe, expect, it } from "vitest";
import { openMemoryAlertStore } from "../adapters/store-memory.ts";
import { defaultMemoryLimits } from "../core/limits.ts";
import { isRejection } from "../core/rejection.ts";
import type { AlertStore } from "./store.ts";
import { Story, settled } from "./story.fixture.ts";

/** A store whose saves wait for a hand. */
function handStore() {
  const waiting: { done(): void; fail(error: Error): void }[] = [];
  const store: AlertStore = {
    ...openMemoryAlertStore(),
    save: () =>
      new Promise((resolve, reject) => {
        waiting.push({ done: resolve, fail: reject });
      }),
  };
  const next = async (): Promise<{ done(): void; fail(error: Error): void }> => {
    while (waiting.length === 0) await settled();
    return waiting.shift()!;
  };
  return { store, next, waiting };
}

describe("a change", () => {
  it("has no consequence before it is saved: nobody is answered, told or called", async () => {
    const { store, next } = handStore();
    const mesh = await Story.begin({
      store,
      rules: "{ grouping: { wait: 0s }, rules: [{ name: dependency-unreachable, for: 0s }] }",
    });
    let isTakenIn = false;
    const taking = mesh.dependency("nats", false).then(() => (isTakenIn = true));
    const first = await next();
    expect(isTakenIn).toBe(false);
    first.done();
    await taking;
    await mesh.pass("1s");
    const second = await next();
    expect(mesh.told()).toEqual([]);
    second.done();
    await settled();
    expect(mesh.told()).toEqual(["default: firing critical dependency-unreachable"]);
  });

  it("is saved again until it is, and everybody waits", async () => {
    const { store, next } = handStore();
    const mesh = await Story.begin({ store });
    const taking = mesh.started("e1");
    (await next()).fail(new Error("no room on the disk"));
    await settled();
    expect(mesh.engine.isSaving).toBe(false);
    mesh.clock.advance(1_000);
    (await next()).done();
    await taking;
    expect(mesh.engine.isSaving).toBe(true);
  });

  it("is refused when the store is lost, and so is every one after it", async () => {
    const { store, next } = handStore();
    const mesh = await Story.begin({ store });
    const taking = mesh.started("e1");
    const lost = expect(taking).rejects.toThrow(WorkerLost);
    (await next()).fail(new WorkerLost("the thread stopped"));
    await lost;
    await expect(mesh.started("e2")).rejects.toThrow(WorkerLost);
  });

  it("that waits with a thousand others is refused", async () => {
    const { store } = handStore();
    const mesh = await Story.begin({ store });
    void mesh.started("e1");
    await settled();
    const asked = Array.from({ length: 1_001 }, () => mesh.engine.desk.expireSilence("silence-1"));
    expect(await asked.at(-1)).toMatchObject({ reason: "BUSY" });
  });

  it("that was taken is saved when the engine stops", async () => {
    const store = openMemoryAlertStore();
    const mesh = await Story.begin({ store });
    const taking = mesh.started("e1");
    await mesh.engine.stop();
    await taking;
    await expect(mesh.started("e2")).rejects.toThrow(/stopping/);
  });
});

describe("what is remembered", () => {
  it("has a limit: what is beyond it is not watched, and all else goes on", async () => {
    const memoryLimits = {
      ...defaultMemoryLimits,
      executionsMax: 2,
      stepsMax: 2,
      seriesMax: 2,
      subjectsMax: 2,
    };
    const mesh = await Story.begin({ store: openMemoryAlertStore(), memoryLimits });
    for (const id of ["e1", "e2", "e3"]) await mesh.started(id, { timeout: "1m" });
    await mesh.pass("2m");
    expect(mesh.alert("execution-sla-breached").annotations["count"]).toBe("2");
    for (const id of ["e1", "e2", "e3"]) await mesh.ended(id, "succeeded", `workflow-of-${id}`);
    await mesh.pass("10m");
    expect(mesh.alerts()).toEqual([]);
  });

  it("is told by the hundred at most: of one rule so many alerts, and how many more there would be", async () => {
    const mesh = await Story.begin({ store: openMemoryAlertStore() });
    for (let number = 0; number < 600; number++) {
      await mesh.agent(`a${number}`, "READY");
      await mesh.agent(`a${number}`, "SUSPECT");
    }
    await mesh.pass("1m");
    expect(mesh.alerts()).toHaveLength(500);
    const { rules } = mesh.engine.desk.listRules();
    expect(rules.find(({ rule }) => rule.name === "agent-lost")).toMatchObject({
      alerts: { firing: 500 },
      cutOff: 100,
    });
    expect(mesh.handed).toHaveLength(1);
    expect([mesh.handed[0]?.alerts.length, mesh.handed[0]?.alertsLeftOut]).toEqual([50, 450]);
  });

  it("is kept for a while when it is over, and then dropped", async () => {
    const mesh = await Story.begin({ store: openMemoryAlertStore(), lookEvery: "30s" });
    await mesh.dependency("nats", false);
    await mesh.pass("2m");
    await mesh.dependency("nats", true);
    await mesh.pass("3m");
    const resolved = { states: ["resolved"], limit: 10 } as const;
    expect(mesh.engine.desk.list(resolved)).toMatchObject([
      { state: "resolved", rule: "dependency-unreachable" },
    ]);
    expect(mesh.engine.desk.listNotifications({ status: "delivered", limit: 10 })).toHaveLength(2);
    await mesh.pass("7d");
    await mesh.pass("2m");
    expect(mesh.engine.desk.list(resolved)).toEqual([]);
    expect(mesh.engine.desk.listNotifications({ limit: 10 })).toEqual([]);
  });
});

describe("rules that are reloaded", () => {
  it("are in force at once; alerts of those that are as before go on, those of rules that are gone resolve", async () => {
    const mesh = await Story.begin({ store: openMemoryAlertStore() });
    await mesh.dependency("nats", false);
    await mesh.agent("a1", "READY");
    await mesh.agent("a1", "SUSPECT");
    await mesh.pass("1m");
    const before = mesh.alert("dependency-unreachable");
    mesh.told();
    expect(await mesh.engine.desk.reloadRules("rules: [{ name: agent-lost, enabled: false }]")).toBe(
      "changed",
    );
    await settled();
    expect(mesh.told()).toEqual(["default: resolved warning agent-lost"]);
    expect(mesh.alert("dependency-unreachable")).toEqual(before);
    expect(await mesh.engine.desk.reloadRules("rules: [{ name: agent-lost, enabled: false }]")).toBe("same");
  });

  it("may have other escalations: a group whose own is gone goes on with that of its rule", async () => {
    const own = (name: string) => `{
      escalations: [{ name: ${name}, stages: [{ receivers: default }, { receivers: default, after: 10m }] }],
      rules: [{ name: dependency-unreachable, escalation: ${name} }] }`;
    const mesh = await Story.begin({ store: openMemoryAlertStore(), rules: own("before") });
    await mesh.dependency("nats", false);
    await mesh.pass("1m");
    await mesh.engine.desk.reloadRules(own("after"));
    await mesh.pass("11m");
    expect(mesh.handed.map(({ stage }) => stage)).toEqual([0, 1]);
    await mesh.dependency("nats", true);
    await mesh.pass("2m");
    expect(mesh.handed.at(-1)?.status).toBe("resolved");
  });

  it("change nothing when they are bad, and are shown with what is wrong", async () => {
    const mesh = await Story.begin({ store: openMemoryAlertStore() });
    const outcome = await mesh.engine.desk.reloadRules("rules: [{ name: agent-lost, for: soon }]");
    expect(outcome).toMatchObject({
      reason: "RULES_INVALID",
      problems: [{ field: "rules[0].for", line: 1 }],
    });
    const { rules, refused } = mesh.engine.desk.listRules();
    expect(rules.find(({ rule }) => rule.name === "agent-lost")?.rule.forMs).toBe(30_000);
    expect(refused).toMatchObject({ atMs: mesh.clock.now(), problems: [{ field: "rules[0].for" }] });
    await mesh.engine.desk.reloadRules("{}");
    expect(mesh.engine.desk.listRules().refused).toBeUndefined();
  });
});

describe("a rule that is tried", () => {
  const text = `rules:
    - name: mine
      signal: { kind: step_stuck, noProgressFor: 5m }
      severity: info
      for: 1m
      summary: "\${count} stuck"
      escalation: page`;
  const step = {
    kind: "step",
    namespace: "default",
    workflow: "release",
    executionId: "e1",
    stepId: "s",
  } as const;

  it("shows what it would have done, and does nothing", async () => {
    const mesh = await Story.begin({ store: openMemoryAlertStore() });
    const rehearsal = mesh.engine.desk.testRules(text, [
      { ...step, type: "succeeded", timeMs: 600_000 },
      { ...step, type: "started", timeMs: 0 },
    ]);
    if (isRejection(rehearsal)) throw new Error(rehearsal.message);
    expect(rehearsal.happened.map(({ atMs, kind }) => [atMs, kind])).toEqual([
      [300_000, "alert.pending"],
      [360_000, "alert.changed"],
      [360_000, "alert.fired"],
      [420_000, "alert.changed"],
      [480_000, "alert.changed"],
      [540_000, "alert.changed"],
      [600_000, "alert.resolved"],
    ]);
    expect(rehearsal.notifications.map(({ status, createdAtMs }) => [status, createdAtMs])).toEqual([
      ["firing", 370_000],
      ["resolved", 600_000],
    ]);
    await mesh.pass("1h");
    expect([mesh.handed, mesh.alerts()]).toEqual([[], []]);
  });

  it("shows what it holds for now", async () => {
    const mesh = await Story.begin({ store: openMemoryAlertStore() });
    await mesh.step("e1/review", "started");
    await mesh.pass("6m");
    expect(mesh.engine.desk.testRulesNow(text)).toMatchObject([{ rule: "mine", summary: "1 stuck" }]);
    expect(mesh.engine.desk.testRulesNow("rules: [{ name: mine }]")).toMatchObject({
      reason: "RULES_INVALID",
    });
  });
});

describe("a reader of alerts", () => {
  it("gets all there are, then what changes, the latest of each, and its end", async () => {
    const mesh = await Story.begin({ store: openMemoryAlertStore() });
    await mesh.dependency("nats", false);
    await mesh.pass("1s");
    const watch = mesh.engine.desk.watch();
    if (isRejection(watch)) throw new Error(watch.message);
    const states = async () => (await watch.next()).value?.map(({ state }: { state: string }) => state);
    expect(await states()).toEqual(["pending"]);
    await mesh.pass("31s");
    expect(await states()).toEqual(["firing"]);
    await mesh.acknowledge("dependency-unreachable");
    await mesh.dependency("nats", true);
    await mesh.pass("2m");
    expect(await states()).toEqual(["resolved"]);
    const waiting = watch.next();
    await mesh.engine.stop();
    expect((await waiting).done).toBe(true);
  });

  it("hears that a pending alert was withdrawn, and of a silence", async () => {
    const mesh = await Story.begin({ store: openMemoryAlertStore() });
    await mesh.dependency("nats", false);
    await mesh.pass("1s");
    const watch = mesh.engine.desk.watch();
    if (isRejection(watch)) throw new Error(watch.message);
    await watch.next();
    await mesh.dependency("nats", true);
    await mesh.pass("1s");
    expect((await watch.next()).value).toMatchObject([{ state: "resolved", rule: "dependency-unreachable" }]);
    await mesh.dependency("nats", false);
    await mesh.pass("1m");
    await watch.next();
    const id = await mesh.silence({ dependency: ["nats"] }, "1h");
    expect((await watch.next()).value).toMatchObject([{ state: "firing", silencedBy: [id] }]);
    await watch.return();
    expect((await watch.next()).done).toBe(true);
  });

  it("is one of a hundred at most", async () => {
    const mesh = await Story.begin({ store: openMemoryAlertStore() });
    const watches = Array.from({ length: 101 }, () => mesh.engine.desk.watch());
    expect(watches.at(-1)).toMatchObject({ reason: "TOO_MANY_WATCHERS" });
  });
});

describe("a list of alerts", () => {
  it("comes in pages, the latest first, by state, severity, label and mute", async () => {
    const mesh = await Story.begin({ store: openMemoryAlertStore(), clock: new StepClock() });
    for (const name of ["nats", "registry", "database"] as const) {
      await mesh.dependency(name, false);
      await mesh.pass("1s");
    }
    await mesh.pass("1m");
    const { desk } = mesh.engine;
    const names = (query: Parameters<typeof desk.list>[0]) =>
      desk.list(query).map(({ labels }) => labels["dependency"]);
    expect(names({ limit: 2 })).toEqual(["database", "registry"]);
    const after = desk.list({ limit: 2 }).at(-1)!;
    expect(names({ limit: 2, after })).toEqual(["nats"]);
    expect(names({ limit: 9, matchers: { dependency: ["n*"] } })).toEqual(["nats"]);
    expect(names({ limit: 9, severities: ["info"] })).toEqual([]);
    await mesh.silence({ dependency: ["nats"] }, "1h");
    expect(names({ limit: 9, muted: false })).toEqual(["database", "registry"]);
    expect(desk.listSilences({ expired: false })).toMatchObject([{ id: "silence-1", by: "ada" }]);
  });
});
