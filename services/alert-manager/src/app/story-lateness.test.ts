import { describe, expect, it } from "vitest";
import { openMemoryAlertStore } from "../adapters/store-memory.ts";
import { Story } from "./story.fixture.ts";

function begin(lookEvery = "1s"): Promise<Story> {
  return Story.begin({ store: openMemoryAlertStore(), lookEvery });
}

describe("an execution with a timeout", () => {
  it("is at risk at 80 % of it, is late at the end of it, and is told as resolved when it ends", async () => {
    const mesh = await begin();
    await mesh.started("e1", { timeout: "10m" });
    await mesh.pass("7m59s");
    expect(mesh.alerts()).toEqual([]);
    await mesh.pass("1m");
    expect(mesh.told()).toEqual(["default: firing warning execution-sla-at-risk"]);
    expect(mesh.alert("execution-sla-at-risk").summary).toBe(
      "1 executions of default/release have used 80 % of their timeout, such as e1",
    );
    await mesh.pass("2m");
    expect(mesh.told()).toEqual(["default: firing critical execution-sla-breached"]);
    expect(mesh.alerts()).toEqual([
      "execution-sla-breached firing",
      "execution-sla-at-risk firing (inhibited)",
    ]);
    await mesh.ended("e1", "succeeded");
    await mesh.pass("6m");
    expect(mesh.told()).toEqual([
      "default: resolved warning execution-sla-at-risk",
      "default: resolved critical execution-sla-breached",
    ]);
    expect(mesh.alerts()).toEqual([]);
  });

  it("is told for a while after the orchestrator has ended it for being late", async () => {
    const mesh = await begin();
    await mesh.started("e1", { timeout: "1m" });
    await mesh.pass("1m");
    await mesh.ended("e1", "timed_out");
    await mesh.ended("e1", "failed");
    await mesh.pass("1m");
    expect(mesh.told()).toEqual(["default: firing critical execution-sla-breached"]);
    await mesh.pass("8m");
    expect(mesh.told()).toEqual([]);
    await mesh.pass("6m");
    expect(mesh.told()).toEqual(["default: resolved critical execution-sla-breached"]);
  });

  it("is not late while it is paused", async () => {
    const mesh = await begin();
    await mesh.started("e1", { timeout: "10m" });
    await mesh.pass("7m");
    await mesh.ended("e1", "paused");
    await mesh.pass("2h");
    await mesh.ended("e1", "resumed");
    await mesh.pass("59s");
    expect(mesh.alerts()).toEqual([]);
    await mesh.pass("1s");
    expect(mesh.alerts()).toEqual(["execution-sla-at-risk pending"]);
  });
});
