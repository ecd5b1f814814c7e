import { describe, expect, it } from "vitest";
import { type Outcome, Outcomes } from "./outcomes.ts";

const succeeded = (latencyMs?: number): Outcome => ({ kind: "SUCCEEDED", latencyMs });
const failed = (latencyMs?: number): Outcome => ({ kind: "FAILED", latencyMs });
const refused: Outcome = { kind: "REFUSED", latencyMs: 1 };

/** The weight of agent "a" after such calls, while "b" does its work in 100 ms. */
function weightAfter(outcomes: readonly Outcome[], at = 0): number {
  const tallies = new Outcomes();
  for (let call = 0; call < 20; call++) tallies.add("b", "x", succeeded(100), 0);
  for (const outcome of outcomes) tallies.add("a", "x", outcome, 0);
  return tallies.weight("a", "x", at);
}

const times = (count: number, outcome: Outcome) => Array.from({ length: count }, () => outcome);

describe("the weight of an agent", () => {
  it("is 1 when nothing is known of it", () => {
    expect(weightAfter([])).toBe(1);
    expect(new Outcomes().weight("a", "x", 0)).toBe(1);
  });

  it("falls with failures, the more the more of its calls fail", () => {
    const weights = [0, 1, 5, 20].map((failures) =>
      weightAfter([...times(20 - failures, succeeded()), ...times(failures, failed())]),
    );
    expect(weights).toEqual(weights.toSorted((a, b) => b - a));
    expect(weights[1]).toBeGreaterThan(0.8);
    expect(weights[3]).toBeLessThan(0.01);
  });

  it("is not ruined by a single failure", () => {
    expect(weightAfter([failed()])).toBeCloseTo(0.512);
  });

  it("forgives: half in half a minute, nearly all in five", () => {
    const failures = times(4, failed());
    expect(weightAfter(failures)).toBeCloseTo(0.125);
    expect(weightAfter(failures, 30_000)).toBeCloseTo((1 - 2 / 6) ** 3);
    expect(weightAfter(failures, 300_000)).toBeGreaterThan(0.99);
  });

  it("does not change by refusals", () => {
    expect(weightAfter(times(50, refused))).toBe(1);
  });

  it("tells fast agents from slow ones, the more calls are known the more", () => {
    const slow = (calls: number) => weightAfter(times(calls, succeeded(300)));
    expect(slow(1)).toBeGreaterThan(0.9);
    expect(slow(20)).toBeLessThan(slow(5));
    expect(weightAfter(times(20, succeeded(30)))).toBeGreaterThan(1);
  });

  it("is bounded, however fast or slow it is", () => {
    expect(weightAfter(times(500, succeeded(0)))).toBeLessThanOrEqual(4);
    expect(weightAfter(times(5, succeeded(1e9)))).toBeGreaterThanOrEqual(0.25);
  });

  it("does not take what fails at once for fast", () => {
    expect(weightAfter([...times(20, succeeded(100)), failed(1)])).toBeCloseTo((1 - 1 / 25) ** 3);
  });

  it("is of one capability, and forgotten with the agent or the capability", () => {
    const tallies = new Outcomes();
    for (const capability of ["x", "y"]) tallies.add("a", capability, failed(), 0);
    tallies.forgetCapability("y");
    expect(tallies.weight("a", "z", 0)).toBe(1);
    expect(tallies.weight("a", "y", 0)).toBe(1);
    expect(tallies.weight("a", "x", 0)).toBeLessThan(1);
    tallies.forget("a");
    expect(tallies.weight("a", "x", 0)).toBe(1);
  });
});
