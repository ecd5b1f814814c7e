import { beforeEach, expect, it } from "vitest";
import { BreakerGround } from "./breaker.ts";
import { Breakers } from "./breakers.ts";
import { StepClock } from "./step-clock.ts";

const rules = { failuresInARow: 2, watchesShare: false, coolDownMs: 1_000, probeMs: 1_000 };

let clock: StepClock;
let ground: BreakerGround;
let changed: string[];
let breakers: Breakers;

beforeEach(() => {
  clock = new StepClock();
  ground = new BreakerGround(clock, () => 0);
  changed = [];
  breakers = new Breakers({ ground, rules, keysMax: 3, changed: (key) => void changed.push(key) });
});

function fail(key: string, times: number): void {
  for (let time = 0; time < times; time++) breakers.record(key, ground.epoch, "failed");
}

function keys(): string[] {
  return [...breakers.entries()].map(([key]) => key);
}

it("keeps the keys apart", () => {
  fail("a", 2);
  fail("b", 1);
  expect([breakers.admits("a"), breakers.admits("b"), breakers.admits("c")]).toEqual([false, true, true]);
  expect([breakers.allClosed, changed]).toEqual([false, ["a"]]);
  clock.advance(1_000);
  breakers.get("a")?.begin();
  breakers.record("a", ground.epoch, "succeeded");
  expect([breakers.allClosed, changed]).toEqual([true, ["a", "a", "a"]]);
});

it("has no breaker for a key of which it has heard no failure", () => {
  breakers.record("a", ground.epoch, "succeeded");
  breakers.record("a", ground.epoch, "neither");
  expect(breakers.size).toBe(0);
});

it("has one from the first success on where the share of failures counts", () => {
  breakers = new Breakers({ ground, rules: { ...rules, watchesShare: true }, keysMax: 3, changed: () => {} });
  breakers.record("a", ground.epoch, "neither");
  expect(breakers.size).toBe(0);
  breakers.record("a", ground.epoch, "succeeded");
  expect(breakers.get("a")?.snapshot().recentOutcomes).toBe(1);
});

it("makes room by the oldest that is closed", () => {
  fail("a", 2);
  fail("b", 1);
  fail("c", 1);
  fail("d", 1);
  expect(keys()).toEqual(["a", "c", "d"]);
});

it("leaves those that are not closed alone, and then takes no more", () => {
  for (const key of ["a", "b", "c", "d"]) fail(key, 2);
  expect(keys()).toEqual(["a", "b", "c"]);
  expect(breakers.admits("d")).toBe(true);
});

it("leaves nothing behind when it is shut down", () => {
  for (const key of ["a", "b"]) fail(key, 2);
  breakers.shutdown();
  expect([clock.armed, breakers.size, breakers.allClosed]).toEqual([0, 0, true]);
});
