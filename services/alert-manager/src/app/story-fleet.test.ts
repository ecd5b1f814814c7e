import { describe, expect, it } from "vitest";
import { openMemoryAlertStore } from "../adapters/store-memory.ts";
import { Story } from "./story.fixture.ts";

function begin(lookEvery = "1s"): Promise<Story> {
  return Story.begin({ store: openMemoryAlertStore(), lookEvery });
}

describe("steps that wait for an agent", () => {
  it("are told when no agent offers what they need, and their long wait is no news beside it", async () => {
    const mesh = await begin();
    await mesh.started("e1");
    await mesh.step("e1/review", "queued");
    await mesh.pass("1m45s");
    expect(mesh.told()).toEqual(["default: firing critical no-capacity"]);
    expect(mesh.alert("no-capacity").summary).toBe(
      "1 steps wait for code.review, and no agent that offers it is there",
    );
    await mesh.pass("6m");
    expect(mesh.alerts().toSorted()).toEqual(["no-capacity firing", "queue-age firing (inhibited)"]);
    expect(mesh.told()).toEqual([]);
    await mesh.agent("a1", "READY");
    await mesh.step("e1/review", "started", { agent: "a1" });
    await mesh.pass("3m");
    expect(mesh.told()).toEqual(["default: resolved critical no-capacity"]);
    expect(mesh.alerts()).toEqual([]);
  });

  it("are told by their age when agents are there, and full", async () => {
    const mesh = await begin();
    await mesh.agent("a1", "READY");
    await mesh.step("e1/review", "queued");
    await mesh.pass("6m15s");
    expect(mesh.told()).toEqual(["default: firing warning queue-age"]);
    await mesh.step("e1/review", "started");
    await mesh.pass("3m");
    expect(mesh.told()).toEqual(["default: resolved warning queue-age"]);
  });

  it("do not lack capacity while one of their kind runs, whatever the registry has told", async () => {
    const mesh = await begin();
    await mesh.step("e1/review", "started");
    await mesh.step("e2/review", "queued");
    await mesh.pass("4m");
    expect(mesh.alerts()).toEqual([]);
  });
});

describe("a step that runs", () => {
  it("is stuck when nothing was heard of it for half an hour", async () => {
    const mesh = await begin();
    await mesh.started("e1");
    await mesh.step("e1/review", "started");
    await mesh.pass("31m15s");
    expect(mesh.told()).toEqual(["default: firing warning step-stuck"]);
    expect(mesh.alert("step-stuck").annotations).toMatchObject({ count: "1", examples: "e1/review" });
    await mesh.step("e1/review", "succeeded");
    await mesh.pass("1m");
    expect(mesh.told()).toEqual(["default: resolved warning step-stuck"]);
  });

  it("is not stuck when it waits for somebody to complete it", async () => {
    const mesh = await begin();
    await mesh.step("e1/review", "started");
    await mesh.step("e1/review", "waiting");
    await mesh.pass("2h");
    expect(mesh.alerts()).toEqual([]);
  });

  it.each(["failed_over", "interrupted", "retry_scheduled", "attempt_failed"] as const)(
    "is not stuck once it is %s",
    async (type) => {
      const mesh = await begin("30s");
      await mesh.step("e1/review", "started");
      await mesh.step("e1/review", type);
      await mesh.pass("2h");
      expect(mesh.alerts()).toEqual([]);
    },
  );

  it("is neither stuck nor late while its execution is paused, and no news once it has ended", async () => {
    const mesh = await begin("30s");
    for (const id of ["e1", "e2"]) await mesh.started(id);
    await mesh.step("e1/review", "started", { timeout: "1h" });
    await mesh.step("e2/review", "queued");
    for (const id of ["e1", "e2"]) await mesh.ended(id, "paused");
    await mesh.pass("5h");
    expect(mesh.alerts()).toEqual([]);
    for (const id of ["e1", "e2"]) await mesh.ended(id, "resumed");
    await mesh.pass("30s");
    expect(mesh.alerts()).toEqual([]);
    await mesh.step("e1/review", "cancelled");
    await mesh.ended("e2", "cancelled");
    await mesh.pass("5h");
    expect(mesh.alerts()).toEqual([]);
  });

  it("is at risk and late by its own timeout", async () => {
    const mesh = await begin();
    await mesh.step("e1/review", "started", { timeout: "10m" });
    await mesh.pass("8m45s");
    expect(mesh.told()).toEqual(["default: firing info step-sla-at-risk"]);
    await mesh.pass("1m15s");
    await mesh.step("e1/review", "attempt_failed", { code: "DEADLINE_EXCEEDED" });
    await mesh.pass("45s");
    expect(mesh.told()).toEqual(["default: firing warning step-sla-breached"]);
    await mesh.pass("20m");
    expect(mesh.told().toSorted()).toEqual([
      "default: resolved info step-sla-at-risk",
      "default: resolved warning step-sla-breached",
    ]);
  });
});

describe("an agent", () => {
  it("that is lost is told, with the breaker that opens for it muted, and resolves when it is back", async () => {
    const mesh = await begin();
    await mesh.agent("a1", "READY");
    await mesh.agent("a1", "SUSPECT", { reason: "stream_lost" });
    const breaker = { kind: "breaker", of: "agent", name: "a1 code.review", agentId: "a1" } as const;
    await mesh.observe({ ...breaker, timeMs: mesh.clock.now(), capability: "code.review", state: "OPEN" });
    await mesh.pass("45s");
    expect(mesh.told()).toEqual(["default: firing warning agent-lost"]);
    expect(mesh.alerts().toSorted()).toEqual(["agent-lost firing", "breaker-open firing (inhibited)"]);
    await mesh.agent("a1", "READY", { incarnation: "2" });
    await mesh.observe({ ...breaker, timeMs: mesh.clock.now(), state: "CLOSED" });
    await mesh.pass("3m");
    expect(mesh.told()).toEqual(["default: resolved warning agent-lost"]);
  });

  it("that was asked to go, or left, or has a successor, is not lost", async () => {
    const mesh = await begin();
    for (const id of ["a1", "a2", "a3"]) await mesh.agent(id, "READY");
    await mesh.agent("a1", "DRAINING");
    await mesh.agent("a1", "GONE", { reason: "lease_ended" });
    await mesh.agent("a2", "GONE", { reason: "left" });
    await mesh.agent("a3", "GONE", { reason: "replaced" });
    await mesh.pass("5m");
    expect(mesh.alerts()).toEqual([]);
  });

  it("that never comes back is no news after a quarter of an hour", async () => {
    const mesh = await begin();
    await mesh.agent("a1", "READY");
    await mesh.agent("a1", "GONE", { reason: "lease_ended" });
    await mesh.pass("16m");
    expect(mesh.told()).toEqual([
      "default: firing warning agent-lost",
      "default: resolved warning agent-lost",
    ]);
  });

  it("that comes and goes is told once as flapping", async () => {
    const mesh = await begin();
    for (let time = 0; time < 6; time++) {
      await mesh.agent("a1", "READY");
      await mesh.pass("20s");
      await mesh.agent("a1", "SUSPECT");
      await mesh.pass("20s");
    }
    expect(mesh.told()).toEqual(["default: firing warning agent-flapping"]);
    await mesh.agent("a1", "READY");
    await mesh.pass("30m");
    expect(mesh.told()).toEqual(["default: resolved warning agent-flapping"]);
  });
});

describe("a breaker", () => {
  it("of a step that stays open is told, until it is closed", async () => {
    const mesh = await begin();
    const breaker = { kind: "breaker", of: "step", name: "default/release:review" } as const;
    const where = { namespace: "default", workflow: "release", stepId: "review" };
    await mesh.observe({ ...breaker, ...where, timeMs: mesh.clock.now(), state: "OPEN" });
    await mesh.pass("45s");
    expect(mesh.told()).toEqual(["default: firing warning breaker-open"]);
    await mesh.observe({ ...breaker, ...where, timeMs: mesh.clock.now(), state: "HALF_OPEN" });
    await mesh.pass("5m");
    expect(mesh.alerts()).toEqual(["breaker-open firing"]);
    await mesh.observe({ ...breaker, ...where, timeMs: mesh.clock.now(), state: "CLOSED" });
    await mesh.pass("3m");
    expect(mesh.told()).toEqual(["default: resolved warning breaker-open"]);
  });
});
