import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it } from "vitest";
import { type KeptRows, openMemoryAlertStore } from "../adapters/store-memory.ts";
import { Story } from "./story.fixture.ts";

class SetClock extends StepClock {
  aheadMs = 0;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

describe("a clock that jumps", () => {
  it.each([7_200_000, -7_200_000])("by %i ms makes nothing late, and no escalation due", async (jumpMs) => {
    const clock = new SetClock();
    const mesh = await Story.begin({ store: openMemoryAlertStore(), clock });
    for (let number = 0; number < 100; number++) await mesh.started(`e${number}`, { timeout: "30m" });
    await mesh.dependency("nats", false);
    await mesh.pass("1m");
    expect(mesh.told()).toEqual(["default: firing critical dependency-unreachable"]);
    clock.aheadMs = jumpMs;
    await mesh.pass("10m");
    // Executions that start now say so by a clock that jumped as well, or by one that did not.
    await mesh.started("after", { timeout: "30m" });
    await mesh.pass("2m");
    expect(mesh.told()).toEqual([]);
    expect(mesh.alerts()).toEqual(["dependency-unreachable firing"]);
  });
});

describe("a log that is caught up with", () => {
  const hours = 3_600_000;

  it("makes nobody late whose end stands further on in it", async () => {
    const mesh = await Story.begin({ store: openMemoryAlertStore() });
    const begunAt = mesh.clock.now() - 5 * hours;
    const common = { kind: "execution", namespace: "default", workflow: "release" } as const;
    for (let minute = 0; minute < 240; minute += 10) {
      const timeMs = begunAt + minute * 60_000;
      const executionId = `e${minute}`;
      await mesh.log({ ...common, executionId, type: "started", timeMs, timeoutMs: 600_000 });
      await mesh.pass("2s");
      await mesh.log({ ...common, executionId, type: "succeeded", timeMs: timeMs + 300_000 });
    }
    await mesh.pass("1m");
    expect(mesh.told()).toEqual([]);
    expect(mesh.alerts()).toEqual([]);
  });

  it("tells of who is late when its end is reached", async () => {
    const mesh = await Story.begin({ store: openMemoryAlertStore() });
    const timeMs = mesh.clock.now() - 5 * hours;
    const common = { kind: "execution", namespace: "default", workflow: "release" } as const;
    await mesh.log({ ...common, executionId: "e1", type: "started", timeMs, timeoutMs: 600_000 });
    await mesh.pass("4s");
    expect(mesh.alerts()).toEqual([]);
    await mesh.pass("1m");
    expect(mesh.told()).toEqual(["default: firing critical execution-sla-breached"]);
  });
});

describe("a restart", () => {
  const begin = (kept: KeptRows, clock: StepClock) =>
    Story.begin({ store: openMemoryAlertStore(kept), clock });

  it("remembers who is open, what has failed, and since when an alert is pending", async () => {
    const kept: KeptRows = new Map();
    const clock = new StepClock();
    const before = await begin(kept, clock);
    await before.started("e1", { timeout: "10m" });
    await before.step("e1/review", "started");
    for (let number = 0; number < 40; number++) {
      await before.started(`f${number}`);
      await before.ended(`f${number}`, "failed");
    }
    await before.dependency("nats", false);
    await before.pass("20s");
    expect(before.alerts()).toContain("dependency-unreachable pending");
    await before.engine.stop();
    const after = await begin(kept, clock);
    expect(after.engine.positions()).toEqual(before.engine.positions());
    await after.pass("12s");
    expect(after.alerts()).toContain("dependency-unreachable firing");
    expect(after.alerts()).toContain("workflow-error-burn-fast firing");
    await after.pass("10m");
    expect(after.alerts()).toContain("execution-sla-breached firing");
    await after.ended("e1", "cancelled");
    expect(after.engine.desk.list({ limit: 10, matchers: { rule: ["step-stuck"] } })).toEqual([]);
  });

  it("takes each fact in once, however often it is read", async () => {
    const kept: KeptRows = new Map();
    const clock = new StepClock();
    const common = {
      kind: "execution",
      namespace: "default",
      workflow: "release",
      executionId: "e1",
    } as const;
    const fact = {
      observation: { ...common, type: "failed", timeMs: clock.now() },
      place: { shard: 0, position: 7 },
    } as const;
    const before = await begin(kept, clock);
    await before.engine.observe([fact, fact]);
    await before.engine.stop();
    const after = await begin(kept, clock);
    await after.engine.observe([fact]);
    const rules = `rules:
      - name: any-failure
        signal: { kind: error_burn, by: workflow, objective: 0.99, factor: 1, long: 1h, short: 5m, minCount: 1 }
        severity: info
        summary: "\${failed} of \${total}"
        escalation: notice`;
    expect(after.engine.desk.testRulesNow(rules)).toMatchObject([{ summary: "1 of 1" }]);
  });

  it("hands what was not delivered over again, under the same id, and the escalation goes on where it stood", async () => {
    const kept: KeptRows = new Map();
    const clock = new StepClock();
    const before = await begin(kept, clock);
    before.answers.set("default", () => ({ kind: "retry", reason: "503" }));
    await before.dependency("nats", false);
    await before.pass("1m");
    await before.engine.stop();
    const [first] = before.handed;
    const after = await begin(kept, clock);
    await after.pass("1s");
    expect(after.handed).toEqual([first]);
    expect(after.engine.desk.listNotifications({ limit: 10 })).toMatchObject([
      { status: "delivered", reason: "" },
    ]);
    await after.pass("14m50s");
    expect(after.handed.map(({ stage }) => stage)).toEqual([0, 1]);
  });

  it("after a wiped log forgets who was open in it, and takes the new one in from its beginning", async () => {
    const mesh = await begin(new Map(), new StepClock());
    await mesh.started("e1", { timeout: "1m" });
    await mesh.engine.logReset(0, "another");
    expect(mesh.engine.positions()).toEqual(new Map());
    await mesh.pass("5m");
    expect(mesh.alerts()).toEqual([]);
  });
});
