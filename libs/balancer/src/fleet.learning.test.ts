import { describe, expect, it } from "vitest";
import { Fleet } from "./fleet.ts";
import { seededRandom } from "./seeded-random.ts";

const random = seededRandom(11);

function fleetOf(ids: readonly string[], slots = 4): Fleet {
  const fleet = new Fleet();
  for (const id of ids) {
    fleet.upsert({ id, slots, capabilities: [{ name: "read", concurrencyMax: 0 }] });
    fleet.setEligible(id, true);
  }
  return fleet;
}

function succeed(fleet: Fleet, agentId: string, latencyMs: number, times = 1, stepType = "step"): void {
  for (let n = 0; n < times; n++) fleet.completed(agentId, "read", stepType, { latencyMs, isFailure: false });
}

function fail(fleet: Fleet, agentId: string, times = 1): number {
  let restMs = 0;
  for (let n = 0; n < times; n++)
    restMs = fleet.completed(agentId, "read", "step", { latencyMs: 20, isFailure: true });
  return restMs;
}

/** Who is chosen when nothing else is taken. */
function chosen(fleet: Fleet): string | undefined {
  const id = fleet.reserve("read", random);
  if (id !== undefined) fleet.release(id, "read");
  return id;
}

function recordOf(fleet: Fleet, agentId: string): { slowdown: number; errorRate: number } {
  const [offer] = fleet.snapshot().find(({ id }) => id === agentId)!.capabilities;
  return { slowdown: offer!.slowdown, errorRate: offer!.errorRate };
}

describe("a fleet that is told how calls ended", () => {
  it("prefers the quicker agent, until it is much fuller", () => {
    const fleet = fleetOf(["quick", "slow"]);
    for (let n = 0; n < 40; n++) {
      succeed(fleet, "quick", 1_000);
      succeed(fleet, "slow", 1_500);
    }
    const taken = [1, 2, 3, 4].map(() => fleet.reserve("read", random));
    expect(taken).toEqual(["quick", "quick", "slow", "quick"]);
  });

  it("does not blame an agent for work that is long at any agent", () => {
    const fleet = fleetOf(["long", "short"]);
    for (let n = 0; n < 40; n++) {
      for (const id of ["long", "short"]) {
        succeed(fleet, id, 60_000, id === "long" ? 9 : 1, "index");
        succeed(fleet, id, 50, id === "long" ? 1 : 9, "ping");
      }
    }
    expect(recordOf(fleet, "long").slowdown).toBeCloseTo(recordOf(fleet, "short").slowdown, 1);
  });

  it("avoids an agent that fails, be it idle and the others nearly full", () => {
    const fleet = fleetOf(["broken", "sound"]);
    succeed(fleet, "sound", 4_000, 5);
    fail(fleet, "broken", 5);
    for (let n = 0; n < 3; n++) fleet.reserveAt("sound", "read");
    expect(chosen(fleet)).toBe("sound");
    fleet.reserveAt("sound", "read");
    expect(chosen(fleet)).toBe("broken");
  });

  it("gives it another chance when others have done enough calls", () => {
    const fleet = fleetOf(["broken", "sound"]);
    fail(fleet, "broken", 20);
    fleet.reserveAt("sound", "read");
    expect(chosen(fleet)).toBe("sound");
    succeed(fleet, "sound", 4_000, 800);
    expect(chosen(fleet)).toBe("broken");
  });

  it("forgets the record of an agent that was removed", () => {
    const fleet = fleetOf(["one", "two"]);
    fail(fleet, "one", 20);
    fleet.remove("one");
    fleet.upsert({ id: "one", slots: 1, capabilities: [{ name: "read", concurrencyMax: 0 }] });
    expect(recordOf(fleet, "one")).toEqual({ slowdown: 1, errorRate: 0 });
  });

  it("ignores what it is told of agents and capabilities that it does not know", () => {
    const fleet = fleetOf(["one"]);
    const completion = { latencyMs: 1, isFailure: true };
    expect(fleet.completed("nobody", "read", "step", completion)).toBe(0);
    expect(fleet.completed("one", "write", "step", completion)).toBe(0);
    expect(recordOf(fleet, "one")).toEqual({ slowdown: 1, errorRate: 0 });
  });
});

describe("the rest of a slot that failed", () => {
  it("is none after a success, and none while nobody knows how long such a step takes", () => {
    const fleet = fleetOf(["one"]);
    expect(fail(fleet, "one", 10)).toBe(0);
    expect(fleet.completed("one", "read", "step", { latencyMs: 4_000, isFailure: false })).toBe(0);
  });

  it("grows with the error rate to three calls of the usual length", () => {
    const fleet = fleetOf(["broken", "sound"]);
    succeed(fleet, "sound", 4_000, 20);
    expect(fail(fleet, "broken")).toBeCloseTo(12_000 / 4 - 20, -2);
    const restMs = fail(fleet, "broken", 100);
    expect(restMs).toBeGreaterThan(10_000);
    expect(restMs).toBeLessThan(12_000);
  });

  it("is longer when other orchestrators use the agents too, and never beyond a minute", () => {
    const fleet = fleetOf(["broken", "sound"]);
    succeed(fleet, "sound", 4_000, 20);
    fail(fleet, "broken", 20);
    const aloneMs = fail(fleet, "broken");
    fleet.reserveAt("sound", "read");
    fleet.setBusyElsewhere("sound", 1);
    expect(fail(fleet, "broken")).toBeGreaterThan(1.9 * aloneMs);
    fleet.setBusyElsewhere("sound", 100);
    expect(fail(fleet, "broken")).toBe(60_000);
    fleet.setBusyElsewhere("sound", 0);
    expect(fail(fleet, "broken")).toBeLessThan(1.1 * aloneMs);
  });

  it("is none after a failure that took longer than that", () => {
    const fleet = fleetOf(["one"]);
    succeed(fleet, "one", 100, 20);
    expect(fleet.completed("one", "read", "step", { latencyMs: 1_000, isFailure: true })).toBe(0);
  });
});
