import { describe, expect, it } from "vitest";
import { openMemoryAlertStore } from "../adapters/store-memory.ts";
import { Story } from "./story.fixture.ts";

function begin(): Promise<Story> {
  return Story.begin({ store: openMemoryAlertStore() });
}

describe("the relay", () => {
  it("that is far behind its log is told, and the cause mutes it", async () => {
    const mesh = await begin();
    const behind = (lagMs: number, lagEvents: number) =>
      mesh.observe({ kind: "outbox", timeMs: mesh.clock.now(), shard: 0, lagMs, lagEvents });
    await behind(90_000, 200);
    await mesh.pass("1m15s");
    expect(mesh.told()).toEqual(["default: firing warning outbox-lag"]);
    expect(mesh.alert("outbox-lag").summary).toBe(
      "the relay of shard 0 is 1m30s and 200 events behind its log",
    );
    await mesh.dependency("nats", false, "connection refused");
    await mesh.pass("45s");
    expect(mesh.told()).toEqual(["default: firing critical dependency-unreachable"]);
    expect(mesh.alerts().toSorted()).toEqual([
      "dependency-unreachable firing",
      "outbox-lag firing (inhibited)",
    ]);
    await mesh.dependency("nats", true);
    await behind(0, 0);
    await mesh.pass("3m");
    expect(mesh.told().toSorted()).toEqual([
      "default: resolved critical dependency-unreachable",
      "default: resolved warning outbox-lag",
    ]);
  });
});

describe.each(["nats", "database", "orchestrator", "registry"] as const)("%s", (name) => {
  it("that can't be reached is told, and its return too", async () => {
    const mesh = await begin();
    await mesh.dependency(name, false, "connection refused");
    await mesh.pass("45s");
    expect(mesh.told()).toEqual(["default: firing critical dependency-unreachable"]);
    expect(mesh.alert("dependency-unreachable").labels).toEqual({ dependency: name });
    expect(mesh.alert("dependency-unreachable").summary).toMatch(
      new RegExp(`^${name} can't be reached since .*: connection refused$`),
    );
    await mesh.dependency(name, true);
    await mesh.pass("2m");
    expect(mesh.told()).toEqual(["default: resolved critical dependency-unreachable"]);
  });

  it("that is away for a moment is no news", async () => {
    const mesh = await begin();
    await mesh.dependency(name, false);
    await mesh.pass("20s");
    await mesh.dependency(name, true);
    await mesh.pass("5m");
    expect(mesh.told()).toEqual([]);
  });
});

describe("an execution", () => {
  it("that is quarantined is told at once", async () => {
    const mesh = await begin();
    await mesh.started("e1");
    await mesh.ended("e1", "quarantined", "release", "its log can't be read");
    await mesh.pass("15s");
    expect(mesh.told()).toEqual(["default: firing warning execution-quarantined"]);
    expect(mesh.alert("execution-quarantined").summary).toBe(
      "1 executions of default/release are quarantined, such as e1: its log can't be read",
    );
    await mesh.pass("1h");
    expect(mesh.told()).toEqual(["default: resolved warning execution-quarantined"]);
  });

  it("is not late because nobody could hear of its end", async () => {
    const mesh = await begin();
    await mesh.started("e1", { timeout: "10m" });
    await mesh.pass("5m");
    await mesh.dependency("orchestrator", false, "gone");
    await mesh.pass("1h");
    expect(mesh.alerts()).toEqual(["dependency-unreachable firing"]);
    await mesh.dependency("orchestrator", true);
    await mesh.ended("e1", "succeeded");
    await mesh.pass("2m");
    expect(mesh.told()).toEqual([
      "default: firing critical dependency-unreachable",
      "default: firing critical dependency-unreachable",
      "default: resolved critical dependency-unreachable",
    ]);
  });
});
