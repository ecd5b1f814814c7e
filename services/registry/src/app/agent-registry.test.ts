import { describe, expect, it } from "vitest";
import { sampleRegistration } from "../core/registration-sample.ts";
import { anyAgent, RegistryStage } from "./registry-stage.ts";

function idsOf(stage: RegistryStage): string[] {
  const { agents } = stage.registry.list({ filter: anyAgent, after: "", size: 1_000 });
  return agents.map(({ registration, state }) => `${registration.agentId} ${state}`);
}

describe("an agent's lease", () => {
  it("keeps it as long as heartbeats come", () => {
    const stage = new RegistryStage();
    const agent = stage.attach();
    for (let beat = 0; beat < 20; beat++) {
      stage.clock.advance(3_333);
      expect(agent.beat({ freeSlots: 4, draining: false })).toEqual({ draining: false });
    }
    expect(idsOf(stage)).toEqual(["reviewer-1 READY"]);
  });

  it("ends after one lease of silence, and with it the stream", () => {
    const stage = new RegistryStage();
    const agent = stage.attach();
    stage.clock.advance(9_999);
    expect(idsOf(stage)).toEqual(["reviewer-1 READY"]);
    stage.clock.advance(1);
    expect(idsOf(stage)).toEqual([]);
    expect(stage.endings).toEqual(["reviewer-1: LEASE_ENDED"]);
    expect(agent.beat({ freeSlots: 4, draining: false })).toBeUndefined();
  });

  it("is kept through a lost stream when the same incarnation attaches again in time", () => {
    const stage = new RegistryStage();
    stage.attach().lose();
    expect(idsOf(stage)).toEqual(["reviewer-1 SUSPECT"]);
    stage.clock.advance(9_000);
    stage.attach();
    expect(idsOf(stage)).toEqual(["reviewer-1 READY"]);
    stage.clock.advance(9_000);
    expect(idsOf(stage)).toEqual(["reviewer-1 READY"]);
  });

  it("is over at once when the agent ends its stream well", () => {
    const stage = new RegistryStage();
    stage.attach().end();
    expect(idsOf(stage)).toEqual([]);
    expect(stage.endings).toEqual([]);
  });
});

describe("a newer attach of the same agent", () => {
  it("ends the older stream, whose loss then changes nothing", () => {
    const stage = new RegistryStage();
    const reader = stage.read();
    const older = stage.attach();
    stage.attach();
    expect(stage.endings).toEqual(["reviewer-1: SUPERSEDED"]);
    older.lose();
    expect(older.beat({ freeSlots: 0, draining: false })).toBeUndefined();
    expect(idsOf(stage)).toEqual(["reviewer-1 READY"]);
    expect(reader.lines.join()).not.toContain("SUSPECT");
  });

  it("does so even if ending a stream loses it on the spot", () => {
    const stage = new RegistryStage();
    const reader = stage.read();
    const older = stage.attach({}, () => older.lose());
    stage.attach();
    expect(stage.endings).toEqual(["reviewer-1: SUPERSEDED"]);
    expect(idsOf(stage)).toEqual(["reviewer-1 READY"]);
    expect(reader.lines.join()).not.toContain("SUSPECT");
  });

  it("of another incarnation is told after the end of the old one", () => {
    const stage = new RegistryStage();
    stage.attach();
    const reader = stage.read();
    stage.attach({ incarnation: "second" });
    expect(reader.lines.at(-1)).toBe("warming reviewer-1/first:GONE:4 reviewer-1/second:READY:4");
  });
});

describe("an older incarnation", () => {
  it("does not bury the newer one that replaced it", () => {
    const stage = new RegistryStage();
    const older = stage.attach();
    stage.attach({ incarnation: "second" });
    older.lose();
    expect(() => stage.attach()).toThrow("INCARNATION_REPLACED");
    expect(idsOf(stage)).toEqual(["reviewer-1 READY"]);
    expect(stage.endings).toEqual(["reviewer-1: SUPERSEDED"]);
  });

  it("may come back once the newer one is gone", () => {
    const stage = new RegistryStage();
    stage.attach();
    stage.attach({ incarnation: "second" }).end();
    stage.attach();
    expect(idsOf(stage)).toEqual(["reviewer-1 READY"]);
  });
});

describe("an agent that an operator drains", () => {
  const load = { freeSlots: 4, draining: false };

  it("is told at once on its stream, and with every heartbeat", () => {
    const stage = new RegistryStage();
    const agent = stage.attach();
    expect(stage.registry.drain("reviewer-1", undefined)).toMatchObject({ state: "DRAINING" });
    expect(stage.drained).toEqual(["reviewer-1"]);
    expect(agent.beat(load)).toEqual({ draining: true });
    stage.registry.drain("reviewer-1", undefined);
    expect(stage.drained).toEqual(["reviewer-1"]);
  });

  it("is not told what it has said itself", () => {
    const stage = new RegistryStage();
    stage.attach().beat({ freeSlots: 4, draining: true });
    stage.registry.drain("reviewer-1", "first");
    expect(stage.drained).toEqual([]);
  });

  it("is told when it attaches again, if it was suspect", () => {
    const stage = new RegistryStage();
    stage.attach().lose();
    expect(stage.registry.drain("reviewer-1", undefined)).toMatchObject({ state: "SUSPECT" });
    expect(stage.attach()).toMatchObject({ draining: true });
    expect(idsOf(stage)).toEqual(["reviewer-1 DRAINING"]);
  });

  it("is told with its next heartbeat, if it holds no stream", () => {
    const { registry } = new RegistryStage();
    expect(registry.register(sampleRegistration())).toEqual({ draining: false });
    registry.drain("reviewer-1", undefined);
    expect(registry.heartbeat("reviewer-1", "first", load)).toEqual({ draining: true });
    expect(registry.register(sampleRegistration())).toEqual({ draining: true });
  });

  it("must be there, and be the incarnation that is named, if one is", () => {
    const stage = new RegistryStage();
    stage.attach();
    expect(stage.registry.drain("reviewer-1", "second")).toMatchObject({ reason: "INCARNATION_REPLACED" });
    expect(stage.registry.drain("nobody", undefined)).toMatchObject({ reason: "AGENT_NOT_FOUND" });
    expect(idsOf(stage)).toEqual(["reviewer-1 READY"]);
  });
});

describe("the limits", () => {
  it("refuse an agent too many, but not one that is known", () => {
    const stage = new RegistryStage({ agentsMax: 2 });
    stage.attach({ agentId: "a" }).lose();
    stage.attach({ agentId: "b" });
    expect(() => stage.attach({ agentId: "c" })).toThrow("TOO_MANY_AGENTS");
    stage.attach({ agentId: "a" });
    expect(idsOf(stage)).toEqual(["a READY", "b READY"]);
  });

  it("refuse a reader too many, until one leaves", () => {
    const stage = new RegistryStage({ watchersMax: 1 });
    const reader = stage.read();
    expect(() => stage.read()).toThrow("TOO_MANY_WATCHERS");
    reader.close();
    stage.read();
  });

  it("refuse a bad registration, which changes nothing", () => {
    const stage = new RegistryStage();
    expect(() => stage.attach({ slots: 0 })).toThrow("REGISTRATION_INVALID");
    expect(idsOf(stage)).toEqual([]);
  });
});

describe("a page of agents", () => {
  const stage = new RegistryStage();
  for (const agentId of ["d", "b", "e", "a", "c"])
    stage.attach({ agentId, labels: { team: "bd".includes(agentId) ? "blue" : "red" } });
  const page = (after: string, size: number, labels: [string, string][] = []) => {
    const { agents, next } = stage.registry.list({ filter: { ...anyAgent, labels }, after, size });
    return [agents.map(({ registration }) => registration.agentId).join(""), next];
  };

  it("is in order of ids, and says where the next begins", () => {
    expect(page("", 2)).toEqual(["ab", "b"]);
    expect(page("b", 2)).toEqual(["cd", "d"]);
    expect(page("d", 2)).toEqual(["e", undefined]);
    expect(page("", 5)).toEqual(["abcde", undefined]);
  });

  it("counts only what the filter asks for", () => {
    expect(page("", 2, [["team", "red"]])).toEqual(["ac", "c"]);
    expect(page("c", 2, [["team", "red"]])).toEqual(["e", undefined]);
    expect(page("", 2, [["team", "green"]])).toEqual(["", undefined]);
  });

  it("goes on where it was, though agents came and left", () => {
    const leaving = stage.attach({ agentId: "b1" });
    expect(page("b", 1)).toEqual(["b1", "b1"]);
    leaving.end();
    expect(page("b1", 1)).toEqual(["c", "c"]);
  });
});

describe("a registry that stops", () => {
  it("ends every stream and leaves no timer", () => {
    const stage = new RegistryStage();
    const reader = stage.read();
    const agent = stage.attach();
    agent.beat({ freeSlots: 1, draining: false });
    stage.registry.stop();
    agent.lose();
    expect(stage.endings).toEqual(["reviewer-1: STOPPING"]);
    expect(reader.lines.at(-1)).toBe("STOPPING");
    expect(stage.clock.armed).toBe(0);
  });
});
