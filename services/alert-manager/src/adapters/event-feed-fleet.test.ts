import { beforeEach, describe, expect, it } from "vitest";
import type { AgentObservation, BreakerObservation } from "../core/observation.ts";
import { FleetView } from "./event-feed-fleet.ts";

function agent(agentId: string, parts: Partial<AgentObservation> = {}): AgentObservation {
  const base = { kind: "agent", timeMs: 1, agentId, incarnation: "i", name: "n", capabilities: [] } as const;
  return { ...base, state: "READY", ...parts };
}

function breaker(name: string, parts: Partial<BreakerObservation> = {}): BreakerObservation {
  return { kind: "breaker", timeMs: 1, name, of: "agent", state: "OPEN", ...parts };
}

let fleet: FleetView;

beforeEach(() => {
  fleet = new FleetView();
});

describe("the view of the fleet", () => {
  it("passes on each change once, whoever tells it", () => {
    expect(fleet.isNews(agent("a"))).toBe(true);
    expect(fleet.isNews(agent("a"))).toBe(false);
    expect(fleet.agentsNow([agent("a"), agent("b")], 2)).toEqual([agent("b")]);
    expect(fleet.isNews(agent("a", { state: "SUSPECT" }))).toBe(true);
  });

  it("finds that an agent is gone when nobody has told so", () => {
    fleet.agentsNow([agent("a"), agent("b")], 1);
    expect(fleet.agentsNow([agent("b")], 5)).toEqual([agent("a", { timeMs: 5, state: "GONE" })]);
    expect(fleet.agentsNow([agent("b")], 6)).toEqual([]);
  });

  it("takes a new life for news, and not the end of the one before", () => {
    fleet.isNews(agent("a"));
    expect(fleet.isNews(agent("a", { incarnation: "j" }))).toBe(true);
    expect(fleet.isNews(agent("a", { state: "GONE" }))).toBe(false);
    expect(fleet.isNews(agent("a", { incarnation: "j", state: "GONE" }))).toBe(true);
  });

  it("knows breakers by namespace and name, and finds that one has closed", () => {
    const inTeam = { of: "step", namespace: "team" } as const;
    expect(fleet.breakersNow([breaker("x"), breaker("y", inTeam)], 1)).toHaveLength(2);
    expect(fleet.isNews(breaker("y", { ...inTeam, namespace: "other" }))).toBe(true);
    expect(fleet.isNews(breaker("x", { state: "HALF_OPEN" }))).toBe(true);
    expect(fleet.breakersNow([breaker("y", inTeam)], 5)).toEqual([
      breaker("x", { state: "CLOSED", timeMs: 5 }),
      breaker("y", { ...inTeam, namespace: "other", state: "CLOSED", timeMs: 5 }),
    ]);
    expect(fleet.isNews(breaker("x", { state: "CLOSED" }))).toBe(false);
  });
});
