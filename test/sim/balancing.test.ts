import { describe, expect, it } from "vitest";
import { equalAgents, scenario, unequalAgents, weft } from "./scenarios.ts";
import { type Policy, type Scenario, simulate } from "./simulate.ts";

const seed = 1;

const withoutLearning: Policy = { ...weft, learns: "nothing" };
const withoutPenalty: Policy = { ...weft, learns: "successes" };
const withoutRest: Policy = { ...weft, rests: false };
const withoutTurns: Policy = { ...weft, takesTurns: false };

describe("50 agents of 4 slots, lognormal calls, 10 orchestrators", () => {
  it.each([
    [0.85, 500],
    [0.95, 10],
  ])("make 99 in 100 calls wait far less than at agents chosen blindly, at load %d", (load, times) => {
    const equal = scenario({ load });
    const { waitingP99Ms } = simulate(equal, weft, seed);
    expect(simulate(equal, "random", seed).waitingP99Ms).toBeGreaterThan(times * waitingP99Ms);
    expect(simulate(equal, "round robin", seed).waitingP99Ms).toBeGreaterThan(times * waitingP99Ms);
  });

  it.each([
    [0.5, 0.9],
    [0.85, 0.96],
  ])("use the quicker of agents whose speeds are 0.5 to 2, at load %d", (load, share) => {
    const unequal = scenario({ load, agents: unequalAgents() });
    const learned = simulate(unequal, weft, seed);
    const unlearned = simulate(unequal, withoutLearning, seed);
    expect(learned.latencyMeanMs).toBeLessThan(share * unlearned.latencyMeanMs);
    expect(learned.waitingP99Ms).toBeLessThan(simulate(unequal, "random", seed).waitingP99Ms / 500);
  });
});

describe("agents that fail in 20 ms", () => {
  const broken = 2;
  const fairShare = broken / 50;

  function failures(differences: Partial<Scenario>, policy: Policy): number {
    const outcome = simulate(scenario({ agents: equalAgents(broken), ...differences }), policy, seed);
    return outcome.failedShare / fairShare;
  }

  const loads = [0.5, 0.85, 1.1].flatMap((load) => [1, 10].map((orchestrators) => ({ load, orchestrators })));

  it.each(loads)("get no more than their share of calls: %j", (differences) => {
    expect(failures(differences, weft)).toBeLessThan(1.5);
  });

  it.each(loads)("draw calls without the penalty: %j", (differences) => {
    expect(failures(differences, withoutPenalty)).toBeGreaterThan(3);
  });

  it.each([0.5, 0.85])(
    "are kept from calls by the penalty alone while others have slots, at load %d",
    (load) => {
      expect(failures({ load }, withoutRest)).toBeLessThan(0.5);
    },
  );

  it("draw calls in spite of the penalty when all agents are taken, unless they rest", () => {
    expect(failures({ load: 1.1 }, withoutRest)).toBeGreaterThan(3);
  });
});

describe("10 orchestrators whose backlogs grow", () => {
  it("are served as one queue would be: the longest wait is hardly longer than with one orchestrator", () => {
    const overload = scenario({ load: 1.1 });
    const single = simulate({ ...overload, orchestrators: 1 }, weft, seed).waitingP99Ms;
    expect(simulate(overload, weft, seed).waitingP99Ms).toBeLessThan(1.05 * single);
    expect(simulate(overload, { ...weft, offers: false }, seed).waitingP99Ms).toBeGreaterThan(3 * single);
  });
});

describe("an execution of 2,000 calls at once", () => {
  it("does not hold up the others, which it would without turns", () => {
    const burst = scenario({ burst: 2_000, orchestrators: 1 });
    const { waitingP99Ms } = simulate(burst, weft, seed);
    expect(simulate(burst, withoutTurns, seed).waitingP99Ms).toBeGreaterThan(10 * waitingP99Ms);
  });
});
