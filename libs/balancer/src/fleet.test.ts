import { describe, expect, it } from "vitest";
import { Fleet } from "./fleet.ts";
import { seededRandom } from "./seeded-random.ts";

const random = seededRandom(7);

function fleetOf(...agents: { id: string; slots: number; capabilities: Record<string, number> }[]): Fleet {
  const fleet = new Fleet();
  for (const agent of agents) offer(fleet, agent);
  return fleet;
}

function offer(
  fleet: Fleet,
  agent: { id: string; slots: number; capabilities: Record<string, number> },
): void {
  const capabilities = Object.entries(agent.capabilities).map(([name, concurrencyMax]) => ({
    name,
    concurrencyMax,
  }));
  fleet.upsert({ id: agent.id, slots: agent.slots, capabilities });
  fleet.setEligible(agent.id, true);
}

function reserveAll(fleet: Fleet, capability: string): string[] {
  const taken: string[] = [];
  for (let id = fleet.reserve(capability, random); id; id = fleet.reserve(capability, random)) taken.push(id);
  return taken.sort();
}

describe("a fleet", () => {
  it("gives out every free slot and no more", () => {
    const fleet = fleetOf(
      { id: "one", slots: 1, capabilities: { read: 0 } },
      { id: "two", slots: 2, capabilities: { read: 0 } },
    );
    expect(reserveAll(fleet, "read")).toEqual(["one", "two", "two"]);
  });

  it("shares an agent's slots among its capabilities", () => {
    const fleet = fleetOf({ id: "one", slots: 2, capabilities: { read: 0, write: 0 } });
    fleet.reserve("read", random);
    fleet.reserve("write", random);
    expect(fleet.reserve("read", random)).toBeUndefined();
    fleet.release("one", "write");
    expect(fleet.reserve("read", random)).toBe("one");
  });

  it("keeps a capability within its own maximum while the agent has free slots", () => {
    const fleet = fleetOf({ id: "one", slots: 8, capabilities: { read: 0, write: 2 } });
    expect(reserveAll(fleet, "write")).toEqual(["one", "one"]);
    expect(fleet.openCapabilities("one")).toEqual(["read"]);
    fleet.release("one", "write");
    expect(fleet.openCapabilities("one")).toEqual(["read", "write"]);
  });

  it("gives nothing to an agent that is not eligible, and all it has once it is", () => {
    const fleet = new Fleet();
    fleet.upsert({ id: "one", slots: 1, capabilities: [{ name: "read", concurrencyMax: 0 }] });
    expect(fleet.reserve("read", random)).toBeUndefined();
    fleet.setEligible("one", true);
    expect(fleet.reserve("read", random)).toBe("one");
    fleet.release("one", "read");
    fleet.setEligible("one", false);
    expect(fleet.reserve("read", random)).toBeUndefined();
  });

  it("counts the slots that others' work takes", () => {
    const fleet = fleetOf({ id: "one", slots: 4, capabilities: { read: 0 } });
    fleet.setBusyElsewhere("one", 3);
    expect(reserveAll(fleet, "read")).toEqual(["one"]);
    fleet.setBusyElsewhere("one", 2);
    expect(reserveAll(fleet, "read")).toEqual(["one"]);
    fleet.setBusyElsewhere("one", 4);
    fleet.release("one", "read");
    expect(fleet.reserve("read", random)).toBeUndefined();
  });

  it("passes over excluded agents, however many", () => {
    const agents = Array.from({ length: 40 }, (_, n) => ({
      id: `agent-${n}`,
      slots: 1,
      capabilities: { read: 0 },
    }));
    const fleet = fleetOf(...agents);
    const exclude = new Set(agents.slice(1).map(({ id }) => id));
    expect(fleet.reserve("read", random, exclude)).toBe("agent-0");
    expect(fleet.reserve("read", random, exclude)).toBeUndefined();
  });

  it("prefers the agent with the largest share of its slots free", () => {
    const fleet = fleetOf(
      { id: "busy", slots: 10, capabilities: { read: 0 } },
      { id: "idle", slots: 4, capabilities: { read: 0 } },
    );
    fleet.setBusyElsewhere("busy", 3);
    expect(fleet.reserve("read", random)).toBe("idle");
    expect(fleet.reserve("read", random)).toBe("idle");
    expect(fleet.reserve("read", random)).toBe("busy");
  });

  it("spreads equal agents evenly", () => {
    const fleet = fleetOf(
      ...Array.from({ length: 10 }, (_, n) => ({ id: `a${n}`, slots: 100, capabilities: { read: 0 } })),
    );
    for (let n = 0; n < 500; n++) fleet.reserve("read", random);
    const mine = fleet.snapshot().map((agent) => agent.mine);
    expect(Math.min(...mine)).toBeGreaterThanOrEqual(45);
    expect(Math.max(...mine)).toBeLessThanOrEqual(55);
  });
});

describe("a fleet in recovery and change", () => {
  it("records work that runs already, even beyond the slots, and opens only once it is below them", () => {
    const fleet = fleetOf({ id: "one", slots: 1, capabilities: { read: 0 } });
    expect(fleet.reserveAt("one", "read")).toBe(true);
    expect(fleet.reserveAt("one", "read")).toBe(true);
    fleet.release("one", "read");
    expect(fleet.reserve("read", random)).toBeUndefined();
    fleet.release("one", "read");
    expect(fleet.reserve("read", random)).toBe("one");
  });

  it("tells when work is known to run at an agent that it does not know", () => {
    expect(new Fleet().reserveAt("nobody", "read")).toBe(false);
  });

  it("lets work of a withdrawn capability end, and gives it no more", () => {
    const fleet = fleetOf({ id: "one", slots: 2, capabilities: { read: 0, write: 0 } });
    fleet.reserve("write", random);
    offer(fleet, { id: "one", slots: 2, capabilities: { read: 0 } });
    expect(fleet.hasCapability("write")).toBe(false);
    expect(fleet.reserve("write", random)).toBeUndefined();
    expect(reserveAll(fleet, "read")).toEqual(["one"]);
    fleet.release("one", "write");
    expect(fleet.snapshot()[0]?.capabilities.map(({ name }) => name)).toEqual(["read"]);
    expect(reserveAll(fleet, "read")).toEqual(["one"]);
  });

  it("follows a change of slots", () => {
    const fleet = fleetOf({ id: "one", slots: 1, capabilities: { read: 0 } });
    fleet.reserve("read", random);
    offer(fleet, { id: "one", slots: 3, capabilities: { read: 0 } });
    expect(reserveAll(fleet, "read")).toEqual(["one", "one"]);
    offer(fleet, { id: "one", slots: 2, capabilities: { read: 0 } });
    fleet.release("one", "read");
    expect(fleet.reserve("read", random)).toBeUndefined();
  });

  it("forgets a removed agent and its reservations; late releases change nothing", () => {
    const fleet = fleetOf({ id: "one", slots: 1, capabilities: { read: 0 } });
    fleet.reserve("read", random);
    fleet.remove("one");
    fleet.release("one", "read");
    expect(fleet.hasCapability("read")).toBe(false);
    expect(fleet.snapshot()).toEqual([]);
    offer(fleet, { id: "one", slots: 1, capabilities: { read: 0 } });
    fleet.release("one", "read");
    expect(reserveAll(fleet, "read")).toEqual(["one"]);
  });

  it("explains itself", () => {
    const fleet = fleetOf({ id: "one", slots: 3, capabilities: { read: 0, write: 1 } });
    fleet.reserve("write", random);
    fleet.setBusyElsewhere("one", 1);
    expect(fleet.snapshot()).toEqual([
      {
        id: "one",
        slots: 3,
        mine: 1,
        busyElsewhere: 1,
        free: 1,
        eligible: true,
        capabilities: [
          { name: "read", running: 0, concurrencyMax: 3, open: true, slowdown: 1, samples: 0, errorRate: 0 },
          {
            name: "write",
            running: 1,
            concurrencyMax: 1,
            open: false,
            slowdown: 1,
            samples: 0,
            errorRate: 0,
          },
        ],
      },
    ]);
  });
});
