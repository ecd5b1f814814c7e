import { describe, expect, it } from "vitest";
import type { Attachment } from "./attachment.ts";
import { anyAgent, RegistryStage } from "./registry-stage.ts";

/** So many agents whose heartbeats come at different times, as the first lease is over. */
function fleet(count: number) {
  const stage = new RegistryStage();
  const agents: Attachment[] = [];
  for (let n = 0; n < count; n++) {
    agents.push(stage.attach({ agentId: `a-${n}` }));
    stage.clock.advance(100);
  }
  return { stage, agents };
}

function statesOf({ registry }: RegistryStage): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of registry.list({ filter: anyAgent, after: "", size: 1_000 }).agents)
    counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** Time passes, and some agents are heard three times a lease. */
function pass(stage: RegistryStage, ms: number, heard: readonly Attachment[] = []): void {
  for (let passed = 0; passed < ms; passed += 2_500) {
    for (const agent of heard) agent.beat({ freeSlots: 4, draining: false });
    stage.clock.advance(2_500);
  }
}

describe("a registry whose agents fall silent", () => {
  it("keeps all as suspect when most do so at once, and serves them on as they are heard again", () => {
    const { stage, agents } = fleet(10);
    pass(stage, 20_000, agents.slice(0, 4));
    expect(statesOf(stage)).toEqual({ READY: 4, SUSPECT: 6 });
    expect(stage.endings).toEqual([]);
    for (const agent of agents) agent.beat({ freeSlots: 4, draining: false });
    expect(statesOf(stage)).toEqual({ READY: 10 });
  });

  it("keeps those whose streams were lost too", () => {
    const { stage, agents } = fleet(10);
    for (const agent of agents) agent.lose();
    pass(stage, 30_000);
    expect(statesOf(stage)).toEqual({ SUSPECT: 10 });
  });

  it("drops those that stay away once most are back", () => {
    const { stage, agents } = fleet(10);
    pass(stage, 20_000, agents.slice(0, 4));
    pass(stage, 12_500, agents.slice(0, 7));
    expect(statesOf(stage)).toEqual({ READY: 7 });
    expect(stage.endings.sort()).toEqual(["a-7", "a-8", "a-9"].map((agentId) => `${agentId}: LEASE_ENDED`));
  });

  it("drops all when none comes back for long", () => {
    const { stage } = fleet(10);
    pass(stage, 57_500);
    expect(statesOf(stage)).toEqual({ SUSPECT: 10 });
    pass(stage, 20_000);
    expect(statesOf(stage)).toEqual({});
  });

  it("drops a few at the end of their leases, as ever", () => {
    const { stage, agents } = fleet(10);
    pass(stage, 12_500, agents.slice(0, 5));
    expect(statesOf(stage)).toEqual({ READY: 5 });
  });

  it("drops none because it stood still itself, however few they are", () => {
    const { stage, agents } = fleet(1);
    stage.clock.stall(60_000);
    agents[0]?.beat({ freeSlots: 4, draining: false });
    expect(statesOf(stage)).toEqual({ READY: 1 });
    expect(stage.endings).toEqual([]);
  });
});
