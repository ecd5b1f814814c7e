import { describe, expect, it } from "vitest";
import { Budget } from "./budget.ts";
import { seededRandom } from "./seeded-random.ts";

function takeAll(budget: Budget, nowMs: number): number {
  let taken = 0;
  while (budget.take(nowMs)) taken++;
  return taken;
}

describe("the budget of failovers and retries", () => {
  it("starts full, and gives no more than it holds", () => {
    expect(takeAll(new Budget(10, 5_000), 5_000)).toBe(10);
  });

  it("earns one send a second", () => {
    const budget = new Budget(10, 0);
    takeAll(budget, 0);
    expect(budget.take(999)).toBe(false);
    expect(budget.take(1_000)).toBe(true);
    expect(takeAll(budget, 4_500)).toBe(3);
    expect(budget.waitMs(4_500)).toBe(500);
    expect(budget.take(5_000)).toBe(true);
  });

  it("earns a fifth of a send from each completion", () => {
    const budget = new Budget(100, 0);
    takeAll(budget, 0);
    for (let n = 0; n < 50; n++) budget.completed();
    expect(takeAll(budget, 0)).toBe(10);
    for (let n = 0; n < 4; n++) budget.completed();
    expect(budget.take(0)).toBe(false);
    expect(budget.waitMs(0)).toBe(200);
    budget.completed();
    expect(budget.take(0)).toBe(true);
  });

  it("saves up no more than it may hold, however long nothing fails", () => {
    const budget = new Budget(10, 0);
    for (let n = 0; n < 10_000; n++) budget.completed();
    expect(takeAll(budget, 1e9)).toBe(10);
  });

  it("neither earns nor loses when time goes back, nor earns twice for the same time", () => {
    const budget = new Budget(10, 10_000);
    expect(takeAll(budget, 0)).toBe(10);
    for (const nowMs of [0, 11_000, 5_000, 11_000]) budget.waitMs(nowMs);
    expect(takeAll(budget, 11_000)).toBe(1);
  });

  it.each([1, 2, 3])("never gives more than was earned, nor less (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const budget = new Budget(1_000_000, 0);
    takeAll(budget, 0);
    let [nowMs, completions, taken] = [0, 0, 0];
    for (let step = 0; step < 5_000; step++) {
      nowMs += Math.floor(random() * 400);
      if (random() < 0.5) {
        completions++;
        budget.completed();
      }
      const earned = Math.floor((nowMs + 200 * completions) / 1_000);
      expect(budget.take(nowMs)).toBe(taken < earned);
      taken = Math.min(taken + 1, earned);
    }
  });
});
