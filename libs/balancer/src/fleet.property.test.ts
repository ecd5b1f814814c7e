import { describe, expect, it } from "vitest";
import { Fleet } from "./fleet.ts";
import { medianOf, observe, type RunningMedian } from "./running-median.ts";
import { seededRandom } from "./seeded-random.ts";

const capabilities = ["read", "write", "check", "report"];
const ids = Array.from({ length: 12 }, (_, n) => `agent-${n}`);

/** The same fleet kept naively: plain counts, whole histories, and open lanes found by looking at everything. */
type Model = Map<string, ModelAgent>;
type ModelAgent = {
  slots: number;
  busyElsewhere: number;
  eligible: boolean;
  offers: Map<string, number>;
  running: Map<string, number>;
  /** Of each capability: every call that ended, at which round, and its logarithmic slowdown if it succeeded. */
  history: Map<string, { readonly round: number; readonly logSlowdown: number | undefined }[]>;
};

type World = {
  readonly fleet: Fleet;
  readonly model: Model;
  readonly random: () => number;
  readonly rounds: Map<string, number>;
  readonly medians: Map<string, RunningMedian>;
};

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

function hasLane(agent: ModelAgent, capability: string): boolean {
  return agent.offers.has(capability) || runningOf(agent, capability) > 0;
}

function lanesOf({ model }: World, capability: string): number {
  return [...model.values()].filter((agent) => hasLane(agent, capability)).length;
}

/** What a call counts that ended so many rounds ago, summed up over those that `of` gives a number for. */
function faded(world: World, id: string, capability: string, of: (logSlowdown?: number) => number): number {
  const now = world.rounds.get(capability) ?? 0;
  const history = world.model.get(id)?.history.get(capability) ?? [];
  return history.reduce((sum, call) => sum + of(call.logSlowdown) * 0.5 ** ((now - call.round) / 50), 0);
}

function errorRateOf(world: World, id: string, capability: string): number {
  const failures = faded(world, id, capability, (logSlowdown) => (logSlowdown === undefined ? 1 : 0));
  return failures / (faded(world, id, capability, () => 1) + 3);
}

function scoreOf(world: World, id: string, capability: string): number {
  const agent = world.model.get(id)!;
  const successes = faded(world, id, capability, (logSlowdown) => (logSlowdown === undefined ? 0 : 1));
  const slowdown = faded(world, id, capability, (logSlowdown) => logSlowdown ?? 0) / (successes + 10);
  const utilisation = 1 - freeOf(agent) / agent.slots;
  return slowdown + Math.LN2 * utilisation - Math.log(1 - errorRateOf(world, id, capability));
}

const operations: ((world: World) => void)[] = [
  function upsert(world) {
    const { fleet, model } = world;
    const id = oneOf(world, ids);
    const slots = 1 + whole(world, 5);
    const offers = new Map(
      capabilities.filter(() => world.random() < 0.6).map((name) => [name, whole(world, 4)]),
    );
    const known = model.get(id) ?? {
      busyElsewhere: 0,
      eligible: false,
      running: new Map(),
      history: new Map(),
    };
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
  complete,
  complete,
];

function reserve(world: World): void {
  const { fleet, model } = world;
  const capability = oneOf(world, capabilities);
  const exclude = new Set(ids.filter(() => world.random() < 0.2));
  const takers = ids.filter((id) => !exclude.has(id) && openAt(model.get(id), capability));
  const chosen = fleet.reserve(capability, world.random, exclude);
  if (takers.length === 0) expect(chosen).toBeUndefined();
  else expect(takers).toContain(chosen);
  // With no more than four, all of them are in the sample.
  if (chosen !== undefined && takers.length <= 4) {
    const best = Math.min(...takers.map((id) => scoreOf(world, id, capability)));
    expect(scoreOf(world, chosen, capability)).toBeCloseTo(best, 9);
  }
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

function complete(world: World): void {
  const id = oneOf(world, ids);
  const capability = oneOf(world, capabilities);
  const stepType = oneOf(world, ["short", "long"]);
  const latencyMs = (stepType === "short" ? 10 : 1_000) * (1 + whole(world, 9));
  const isFailure = world.random() < 0.2;
  const restMs = world.fleet.completed(id, capability, stepType, { latencyMs, isFailure });
  const agent = world.model.get(id);
  if (!agent || !hasLane(agent, capability)) return expect(restMs).toBe(0);
  const round = (world.rounds.get(capability) ?? 0) + 1 / lanesOf(world, capability);
  world.rounds.set(capability, round);
  const logSlowdown = isFailure ? undefined : slowdownOf(world, stepType, latencyMs);
  agent.history.set(capability, [...(agent.history.get(capability) ?? []), { round, logSlowdown }]);
  expect(restMs).toBeCloseTo(isFailure ? restOf(world, id, capability, stepType, latencyMs) : 0, 3);
}

function slowdownOf({ medians }: World, stepType: string, latencyMs: number): number {
  const median = medians.get(stepType);
  if (median) observe(median, Math.log(latencyMs));
  else medians.set(stepType, medianOf(Math.log(latencyMs)));
  return Math.log(latencyMs) - medians.get(stepType)!.value;
}

function restOf(world: World, id: string, capability: string, stepType: string, latencyMs: number): number {
  const agents = [...world.model.values()];
  const elsewhere = agents.reduce((sum, { busyElsewhere }) => sum + busyElsewhere, 0);
  const mine = agents.reduce((sum, agent) => sum + agent.slots - agent.busyElsewhere - freeOf(agent), 0);
  const median = world.medians.get(stepType);
  const usualMs = median ? Math.exp(median.value) : 0;
  const missedMs = 3 * usualMs * (1 + elsewhere / Math.max(1, mine)) * errorRateOf(world, id, capability);
  return Math.max(0, Math.min(missedMs - latencyMs, 60_000));
}

/** What the fleet no longer knows, because nobody offers or does it. */
function forget(world: World): void {
  for (const capability of capabilities) {
    for (const agent of world.model.values())
      if (!hasLane(agent, capability)) agent.history.delete(capability);
    if (lanesOf(world, capability) === 0) world.rounds.delete(capability);
  }
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
    const world: World = {
      fleet: new Fleet(),
      model: new Map(),
      random: seededRandom(seed),
      rounds: new Map(),
      medians: new Map(),
    };
    for (let step = 0; step < 1_500; step++) {
      oneOf(world, operations)(world);
      forget(world);
      expectAgreement(world);
    }
  });
});
