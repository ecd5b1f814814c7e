import { describe, expect, it } from "vitest";
import { Fleet } from "./fleet.ts";
import { seededRandom } from "./seeded-random.ts";

const capabilities = ["read", "write", "check", "report"];
const ids = Array.from({ length: 12 }, (_, n) => `agent-${n}`);

/** The same fleet kept naively: plain counts, and open lanes found by looking at everything. */
type Model = Map<string, ModelAgent>;
type ModelAgent = {
  slots: number;
  busyElsewhere: number;
  eligible: boolean;
  offers: Map<string, number>;
  running: Map<string, number>;
};

type World = { readonly fleet: Fleet; readonly model: Model; readonly random: () => number };

function whole(world: World, below: number): number {
  return Math.floor(world.random() * below);
}

function oneOf<T>(world: World, values: readonly T[]): T {
  return values[whole(world, values.length)] as T;
}

function runningOf(agent: ModelAgent, capability: string): number {
  return agent.running.get(capability) ?? 0;
}

function freeOf(agent: ModelAgent): number {
  const mine = [...agent.running.values()].reduce((sum, running) => sum + running, 0);
  return agent.slots - mine - agent.busyElsewhere;
}

function openAt(agent: ModelAgent | undefined, capability: string): boolean {
  if (!agent?.eligible || freeOf(agent) <= 0) return false;
  const offered = agent.offers.get(capability);
  return offered !== undefined && runningOf(agent, capability) < (offered === 0 ? agent.slots : offered);
}

const operations: ((world: World) => void)[] = [
  function upsert(world) {
    const { fleet, model } = world;
    const id = oneOf(world, ids);
    const slots = 1 + whole(world, 5);
    const offers = new Map(
      capabilities.filter(() => world.random() < 0.6).map((name) => [name, whole(world, 4)]),
    );
    const known = model.get(id) ?? { busyElsewhere: 0, eligible: false, running: new Map() };
    model.set(id, { ...known, slots, offers });
    const offered = [...offers].map(([name, concurrencyMax]) => ({ name, concurrencyMax }));
    fleet.upsert({ id, slots, capabilities: offered });
  },
  function remove(world) {
    if (world.random() < 0.8) return;
    const id = oneOf(world, ids);
    world.model.delete(id);
    world.fleet.remove(id);
  },
  function setEligible(world) {
    const id = oneOf(world, ids);
    const eligible = world.random() < 0.8;
    const agent = world.model.get(id);
    if (agent) agent.eligible = eligible;
    world.fleet.setEligible(id, eligible);
  },
  function setBusyElsewhere(world) {
    const id = oneOf(world, ids);
    const slots = whole(world, 4);
    const agent = world.model.get(id);
    if (agent) agent.busyElsewhere = slots;
    world.fleet.setBusyElsewhere(id, slots);
  },
  reserve,
  reserve,
  reserve,
  function reserveAt(world) {
    if (world.random() < 0.7) return;
    const id = oneOf(world, ids);
    const capability = oneOf(world, capabilities);
    const agent = world.model.get(id);
    agent?.running.set(capability, runningOf(agent, capability) + 1);
    expect(world.fleet.reserveAt(id, capability)).toBe(agent !== undefined);
  },
  release,
  release,
];

function reserve(world: World): void {
  const { fleet, model } = world;
  const capability = oneOf(world, capabilities);
  const exclude = new Set(ids.filter(() => world.random() < 0.2));
  const takers = ids.filter((id) => !exclude.has(id) && openAt(model.get(id), capability));
  const chosen = fleet.reserve(capability, world.random, exclude);
  if (takers.length === 0) expect(chosen).toBeUndefined();
  else expect(takers).toContain(chosen);
  const agent = model.get(chosen ?? "");
  agent?.running.set(capability, runningOf(agent, capability) + 1);
}

function release(world: World): void {
  const id = oneOf(world, ids);
  const capability = oneOf(world, capabilities);
  const agent = world.model.get(id);
  if (agent) agent.running.set(capability, Math.max(0, runningOf(agent, capability) - 1));
  world.fleet.release(id, capability);
}

function expectAgreement({ fleet, model }: World): void {
  const agents = [...model].map(([id, agent]) => ({
    id,
    free: freeOf(agent),
    open: capabilities.filter((capability) => openAt(agent, capability)),
  }));
  const seen = fleet.snapshot().map(({ id, free }) => {
    const open = fleet.openCapabilities(id);
    return { id, free, open: capabilities.filter((capability) => open.includes(capability)) };
  });
  expect(seen).toEqual(agents);
  const offered = capabilities.filter((name) => [...model.values()].some(({ offers }) => offers.has(name)));
  expect(capabilities.filter((name) => fleet.hasCapability(name))).toEqual(offered);
}

describe("a fleet under random operations", () => {
  it.each([1, 2, 3, 4])("agrees with a naive recount (seed %i)", (seed) => {
    const world: World = { fleet: new Fleet(), model: new Map(), random: seededRandom(seed) };
    for (let step = 0; step < 1_500; step++) {
      oneOf(world, operations)(world);
      expectAgreement(world);
    }
  });
});
