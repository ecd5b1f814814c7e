import { seededRandom } from "@weft/balancer";
import { describe, expect, it } from "vitest";
import { isRejection } from "../core/rejection.ts";
import { RegistryStage } from "./registry-stage.ts";
import type { Outcome, ResolveRequest } from "./resolver.ts";

/** A registry that is older than one lease. */
function warmStage(): RegistryStage {
  const stage = new RegistryStage();
  stage.clock.advance(10_000);
  return stage;
}

/** The id of the agent that is chosen, or the reason why none is. */
function resolve({ registry }: RegistryStage, differing: Partial<ResolveRequest> = {}): string {
  const request = { capability: "code.review", labels: [], exclude: new Set<string>(), ...differing };
  const outcome = registry.resolver.resolve(request);
  return isRejection(outcome) ? outcome.reason : outcome.registration.agentId;
}

function resolveMany(stage: RegistryStage, count: number, differing?: Partial<ResolveRequest>) {
  const chosen: Record<string, number> = {};
  for (let call = 0; call < count; call++) {
    const agentId = resolve(stage, differing);
    chosen[agentId] = (chosen[agentId] ?? 0) + 1;
  }
  return chosen;
}

function report(
  stage: RegistryStage,
  agentId: string,
  kind: Outcome["kind"],
  incarnation = "first",
  latencyMs = 100,
): void {
  const outcome = { kind, latencyMs };
  stage.registry.resolver.report({ agentId, incarnation, capability: "code.review", outcome });
}

describe("a caller who looks for an agent", () => {
  it("gets the one with the most free slots", () => {
    const stage = warmStage();
    stage.attach({ agentId: "busy", freeSlots: 1 });
    stage.attach({ agentId: "free", freeSlots: 4 });
    expect(resolve(stage)).toBe("free");
  });

  it("is not sent where others were just sent: each slot is given once", () => {
    const stage = warmStage();
    for (const agentId of ["a", "b", "c"]) stage.attach({ agentId, slots: 3, freeSlots: 3 });
    expect(resolveMany(stage, 10)).toEqual({ a: 3, b: 3, c: 3, ALL_FULL: 1 });
  });

  it("is told when nobody offers what it wants", () => {
    const stage = warmStage();
    stage.attach();
    expect(resolve(stage, { capability: "code.write" })).toBe("NO_AGENT_OFFERS");
    expect(resolve(stage, { labels: [["team", "blue"]] })).toBe("NO_AGENT_OFFERS");
  });

  it("is told to wait for agents while the registry warms up: they may yet attach", () => {
    expect(resolve(new RegistryStage())).toBe("NONE_READY");
  });

  it("is told when all are full, and when to ask again", () => {
    const stage = warmStage();
    const agent = stage.attach({ freeSlots: 0 });
    const request = { capability: "code.review", labels: [], exclude: new Set<string>() };
    expect(stage.registry.resolver.resolve(request)).toMatchObject({
      reason: "ALL_FULL",
      message: 'all agents that offer "code.review" are full',
      retryAfterMs: 500,
    });
    agent.beat({ freeSlots: 1, draining: false });
    expect(resolve(stage)).toBe("reviewer-1");
  });

  it("is told when none is ready: suspect, draining, or excluded by itself", () => {
    const stage = warmStage();
    stage.attach({ agentId: "suspect" }).lose();
    stage.attach({ agentId: "draining" }).beat({ freeSlots: 4, draining: true });
    expect(resolve(stage)).toBe("NONE_READY");
    stage.attach({ agentId: "ready" });
    expect(resolve(stage)).toBe("ready");
    expect(resolve(stage, { exclude: new Set(["ready"]) })).toBe("NONE_READY");
  });

  it("gets only agents with the labels that it asks for", () => {
    const stage = warmStage();
    for (const agentId of ["a", "b", "c"])
      stage.attach({ agentId, freeSlots: 2, labels: { team: agentId === "b" ? "blue" : "red" } });
    expect(resolveMany(stage, 3, { labels: [["team", "blue"]] })).toEqual({ b: 2, ALL_FULL: 1 });
  });

  it("finds a new incarnation with what it offers, and no more what the old one did", () => {
    const stage = warmStage();
    stage.attach({ freeSlots: 1 });
    resolve(stage);
    const capabilities = [{ name: "code.write", version: "", concurrencyMax: 0 }];
    stage.attach({ incarnation: "second", freeSlots: 1, capabilities });
    expect(resolve(stage)).toBe("NO_AGENT_OFFERS");
    expect(resolve(stage, { capability: "code.write" })).toBe("reviewer-1");
  });

  it("finds an agent that attached again with other slots", () => {
    const stage = warmStage();
    stage.attach({ slots: 1, freeSlots: 0 });
    stage.attach({ slots: 2, freeSlots: 2 });
    expect(resolveMany(stage, 3)).toEqual({ "reviewer-1": 2, ALL_FULL: 1 });
  });

  it("finds an agent that attached again with what it offers now", () => {
    const stage = warmStage();
    stage.attach();
    stage.attach({ capabilities: [{ name: "code.write", version: "", concurrencyMax: 0 }] });
    expect(resolve(stage)).toBe("NO_AGENT_OFFERS");
    expect(resolve(stage, { capability: "code.write" })).toBe("reviewer-1");
  });

  it("does not find an agent that is gone", () => {
    const stage = warmStage();
    const agent = stage.attach();
    resolve(stage);
    agent.end();
    expect(resolve(stage)).toBe("NO_AGENT_OFFERS");
    stage.clock.advance(10_000);
  });
});

describe("a slot that was set aside", () => {
  const full = (stage: RegistryStage) => resolve(stage) === "ALL_FULL";

  it("is free again after two seconds, if the agent has not taken it", () => {
    const stage = warmStage();
    stage.attach({ freeSlots: 1 });
    resolve(stage);
    stage.clock.advance(1_999);
    expect(full(stage)).toBe(true);
    stage.clock.advance(1);
    expect(full(stage)).toBe(false);
  });

  it("is not counted twice once the agent has taken it", () => {
    const stage = warmStage();
    const agent = stage.attach({ slots: 2, freeSlots: 2 });
    resolve(stage);
    agent.beat({ freeSlots: 1, draining: false });
    expect(full(stage)).toBe(false);
    expect(full(stage)).toBe(true);
  });

  it("is one of several, of which the agent has taken one", () => {
    const stage = warmStage();
    const agent = stage.attach({ slots: 3, freeSlots: 3 });
    expect(resolveMany(stage, 2)).toEqual({ "reviewer-1": 2 });
    agent.beat({ freeSlots: 2, draining: false });
    expect(resolveMany(stage, 2)).toEqual({ "reviewer-1": 1, ALL_FULL: 1 });
  });

  it("is gone with its incarnation, and is none of the next", () => {
    const stage = warmStage();
    stage.attach({ freeSlots: 1 });
    resolve(stage);
    stage.clock.advance(1_000);
    stage.attach({ incarnation: "second", slots: 2, freeSlots: 2 });
    expect(resolveMany(stage, 3)).toEqual({ "reviewer-1": 2, ALL_FULL: 1 });
    stage.clock.advance(1_000);
    expect(full(stage)).toBe(true);
  });

  it("is free when its call is over, but not when the agent has refused it", () => {
    const stage = warmStage();
    stage.attach({ freeSlots: 1 });
    resolve(stage);
    report(stage, "reviewer-1", "REFUSED");
    expect(full(stage)).toBe(true);
    report(stage, "reviewer-1", "SUCCEEDED");
    expect(full(stage)).toBe(false);
  });

  it("rests when its call has failed, so that an agent that fails at once does not draw all that waits", () => {
    const stage = warmStage();
    stage.attach({ freeSlots: 1 });
    report(stage, "reviewer-1", "SUCCEEDED");
    resolve(stage);
    report(stage, "reviewer-1", "FAILED", "first", 1);
    expect(full(stage)).toBe(true);
    stage.clock.advance(2_000);
    expect(full(stage)).toBe(false);
  });

  it("leaves no timer behind", () => {
    const stage = warmStage();
    stage.attach();
    resolve(stage);
    stage.registry.stop();
    expect(stage.clock.armed).toBe(0);
  });
});

describe("what callers report", () => {
  it("keeps them from an agent that fails, though it has more free slots", () => {
    const stage = warmStage();
    stage.attach({ agentId: "failing", slots: 100, freeSlots: 100 });
    stage.attach({ agentId: "good", slots: 100, freeSlots: 50 });
    expect(resolve(stage)).toBe("failing");
    for (let call = 0; call < 5; call++) report(stage, "failing", "FAILED");
    expect(resolveMany(stage, 10)).toEqual({ good: 10 });
  });

  it("is forgiven as others' calls end well, and forgotten with the incarnation", () => {
    const stage = warmStage();
    stage.attach({ agentId: "good", freeSlots: 3 });
    stage.attach({ agentId: "failing" });
    for (let call = 0; call < 5; call++) report(stage, "failing", "FAILED");
    expect(resolve(stage)).toBe("good");
    for (let call = 0; call < 1_000; call++) report(stage, "good", "SUCCEEDED");
    expect(resolve(stage)).toBe("failing");
    for (let call = 0; call < 5; call++) report(stage, "failing", "FAILED");
    stage.attach({ agentId: "failing", incarnation: "second" });
    expect(resolve(stage)).toBe("failing");
  });

  it("is not kept for the day when the agent offers such a thing", () => {
    const stage = warmStage();
    const capabilities = [{ name: "code.write", version: "", concurrencyMax: 0 }];
    stage.attach({ agentId: "a" });
    stage.attach({ agentId: "b", capabilities, freeSlots: 3 });
    const outcome = { kind: "FAILED" as const, latencyMs: 1 };
    const wrong = { agentId: "a", incarnation: "first", capability: "code.write", outcome };
    for (let call = 0; call < 9; call++) stage.registry.resolver.report(wrong);
    stage.attach({ agentId: "a", capabilities });
    expect(resolve(stage, { capability: "code.write" })).toBe("a");
  });

  it("is ignored of what the agent offers no longer", () => {
    const stage = warmStage();
    stage.attach({ agentId: "a" });
    stage.attach({ agentId: "b", freeSlots: 3 });
    stage.attach({ agentId: "a", capabilities: [{ name: "code.write", version: "", concurrencyMax: 0 }] });
    for (let call = 0; call < 9; call++) report(stage, "a", "FAILED");
    stage.attach({ agentId: "a" });
    expect(resolve(stage)).toBe("a");
  });

  it("is ignored of another incarnation, another capability, or nobody", () => {
    const stage = warmStage();
    stage.attach({ agentId: "a" });
    stage.attach({ agentId: "b", freeSlots: 3 });
    for (let call = 0; call < 9; call++) {
      report(stage, "a", "FAILED", "before");
      report(stage, "nobody", "FAILED");
      const outcome = { kind: "FAILED" as const, latencyMs: 1 };
      stage.registry.resolver.report({ agentId: "a", incarnation: "first", capability: "other", outcome });
    }
    expect(resolve(stage)).toBe("a");
  });
});

describe("any number of callers, agents and reports", () => {
  it.each([1, 2, 3, 4, 5])("never get more than what agents said was free (seed %i)", (seed) => {
    const stage = warmStage();
    const random = seededRandom(seed);
    const upTo = (n: number) => Math.floor(random() * (n + 1));
    const agents = ["a", "b", "c", "d"].map((agentId) => ({ agentId, agent: stage.attach({ agentId }) }));
    const free = new Map(agents.map(({ agentId }) => [agentId, 4]));
    for (let move = 0; move < 500; move++) {
      const { agentId } = agents[upTo(3)] ?? agents[0]!;
      // All holds are over, so what each agent says is all there is.
      stage.clock.advance(2_000);
      free.set(agentId, upTo(4));
      for (const other of agents)
        other.agent.beat({ freeSlots: free.get(other.agentId) ?? 0, draining: false });
      const sum = [...free.values()].reduce((total, slots) => total + slots, 0);
      const chosen = resolveMany(stage, sum + 1);
      const given = agents.map((other) => chosen[other.agentId] ?? 0);
      expect(given).toEqual(agents.map((other) => free.get(other.agentId)));
      report(stage, agentId, (["SUCCEEDED", "FAILED", "REFUSED"] as const)[upTo(2)] ?? "FAILED");
    }
  });
});
