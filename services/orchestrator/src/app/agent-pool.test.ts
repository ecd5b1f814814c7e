import { Fleet } from "@weft/balancer";
import { StepClock } from "@weft/runtime/step-clock";
import { beforeEach, describe, expect, it } from "vitest";
import { AgentPool, type PoolListener } from "./agent-pool.ts";
import { HandAgents } from "./hand-agents.fixture.ts";

const reattachGraceMs = 5_000;

let agents: HandAgents;
let clock: StepClock;
let fleet: Fleet;
let pool: AgentPool;
/** What the pool told, in order. */
let heard: string[];
/** The agents that it said have other orchestrators. */
let shared: Set<string>;

beforeEach(() => {
  agents = new HandAgents();
  clock = new StepClock();
  fleet = new Fleet();
  heard = [];
  shared = new Set();
  const { directory, connector } = agents;
  pool = new AgentPool({ fleet, directory, connector, clock, reattachGraceMs }, listener());
  pool.start();
});

function listener(): PoolListener {
  return {
    believedInFlight: (agentId) => [`${agentId}'s work`],
    reconcile: (agentId, { running }) => heard.push(`reconcile ${[agentId, ...running].join(" ")}`),
    available: () => {},
    sharingChanged: (agentId, isShared) => {
      if (isShared) shared.add(agentId);
      else shared.delete(agentId);
    },
    lost: (agentId, reason) => heard.push(`lost ${agentId}: ${reason}`),
    succeeded: (agentId, id, { text }) => heard.push(`${agentId} succeeded ${id} ${text}`),
    deferred: (agentId, id) => heard.push(`${agentId} put ${id} off`),
    failed: (agentId, id, { code }) => heard.push(`${agentId} failed ${id} ${code}`),
    rejected: (agentId, id, { reason }) => heard.push(`${agentId} rejected ${id} ${reason}`),
    progressed: (id, fraction) => heard.push(`progress ${id} ${fraction}`),
  };
}

/** Whether the picker would give it work. */
function isEligible(agentId: string): boolean | undefined {
  return fleet.snapshot().find(({ id }) => id === agentId)?.eligible;
}

describe("an agent that appears", () => {
  it("is connected to at once, and gets work when its session is open", () => {
    agents.tell("x");
    expect([isEligible("x"), agents.session("x").record.address]).toEqual([false, "x:1"]);
    agents.session("x").open({ running: ["e/a/1/1"] });
    expect(isEligible("x")).toBe(true);
    expect(heard).toEqual(["reconcile x e/a/1/1"]);
    expect(agents.session("x").listener.believedInFlight()).toEqual(["x's work"]);
  });

  it("gets no work while the registry does not call it ready", () => {
    agents.appear("x", { ready: false });
    expect(isEligible("x")).toBe(false);
    agents.tell("x");
    expect(isEligible("x")).toBe(true);
    expect(agents.sessions).toHaveLength(1);
  });

  it("is taken at its own word about its slots", () => {
    agents.tell("x", { slots: 2 });
    agents.session("x").open({ slots: 4, busyElsewhere: 1 });
    expect(fleet.snapshot()).toMatchObject([{ id: "x", slots: 4, free: 3 }]);
    agents.session("x").listener.loadChanged({ slots: 4, busyElsewhere: 4, otherOrchestrators: 0 });
    expect(fleet.snapshot()).toMatchObject([{ free: 0 }]);
  });

  it("is shared while it takes work and has other orchestrators", () => {
    const session = agents.appear("x");
    const load = { slots: 1, busyElsewhere: 0 };
    session.listener.loadChanged({ ...load, otherOrchestrators: 1 });
    expect([[...shared], pool.sharedAgents("work"), pool.sharedAgents("other")]).toEqual([["x"], ["x"], []]);
    session.listener.loadChanged({ ...load, otherOrchestrators: 0 });
    expect([[...shared], pool.sharedAgents("work")]).toEqual([[], []]);
    session.listener.loadChanged({ ...load, otherOrchestrators: 2 });
    session.listener.draining();
    expect([[...shared], pool.sharedAgents("work")]).toEqual([[], []]);
  });

  it("passes on what it says", () => {
    const session = agents.appear("x");
    session.succeed("e/a/1/1", "[]");
    session.fail("e/b/1/1", "ABORTED");
    session.reject("e/c/1/1", "FULL");
    session.listener.progressed("e/d/1/1", 0.5, "half");
    expect(heard.slice(1)).toEqual([
      "x succeeded e/a/1/1 []",
      "x failed e/b/1/1 ABORTED",
      "x rejected e/c/1/1 FULL",
      "progress e/d/1/1 0.5",
    ]);
  });
});

describe("a session that is cut", () => {
  it("costs the agent new work at once, and its own work only after the grace", () => {
    agents.appear("x").cut();
    expect(isEligible("x")).toBe(false);
    clock.advance(reattachGraceMs - 1);
    expect(pool.sessionOf("x")).toBe(agents.session("x"));
    expect(heard).toEqual(["reconcile x"]);
    clock.advance(1);
    expect(pool.sessionOf("x")).toBeUndefined();
    expect(heard.at(-1)).toBe("lost x: its session was cut and did not come back");
  });

  it("costs nothing when it comes back in time", () => {
    const session = agents.appear("x");
    session.cut();
    clock.advance(reattachGraceMs - 1);
    session.open();
    clock.advance(reattachGraceMs);
    expect(heard).toEqual(["reconcile x", "reconcile x"]);
    expect(isEligible("x")).toBe(true);
    expect(clock.armed).toBe(0);
  });

  it("gives each cut a grace of its own", () => {
    const session = agents.appear("x");
    for (let cut = 0; cut < 3; cut++) {
      session.cut();
      clock.advance(reattachGraceMs - 1);
      session.open();
    }
    expect(heard).not.toContainEqual(expect.stringContaining("lost"));
  });

  it("may still come back after its work was given up", () => {
    const session = agents.appear("x");
    session.cut();
    clock.advance(reattachGraceMs);
    session.open();
    expect(isEligible("x")).toBe(true);
    expect(pool.sessionOf("x")).toBe(session);
  });

  it("that never opens is given up after the grace as well", () => {
    agents.tell("x");
    clock.advance(reattachGraceMs);
    expect(heard).toEqual(["lost x: its session was cut and did not come back"]);
  });
});

describe("a new process of an agent", () => {
  it("takes the place of the old one, whose work is lost at once", () => {
    const old = agents.appear("x");
    agents.tell("x", { incarnation: "x#2" });
    expect(heard.at(-1)).toBe("lost x: a new process has taken its place");
    expect([old.isClosed, agents.sessions.length]).toEqual([true, 2]);
    expect([pool.incarnationOf("x"), isEligible("x")]).toEqual(["x#2", false]);
    expect(pool.sessionOf("x", "x#1")).toBeUndefined();
    expect(pool.sessionOf("x", "x#2")).toBe(agents.session("x"));
    clock.advance(reattachGraceMs - 1);
    agents.session("x").open();
    expect(isEligible("x")).toBe(true);
  });

  it("that answers before the registry tells of it gets no work until then", () => {
    const session = agents.appear("x");
    session.cut();
    session.open({ incarnation: "x#2" });
    expect(heard.at(-1)).toBe("lost x: a new process answers at its address");
    expect(isEligible("x")).toBe(false);
    agents.appear("x", { incarnation: "x#2" });
    expect(isEligible("x")).toBe(true);
  });
});

describe("an agent whose lease has ended", () => {
  it("keeps its work while its session is open, and gets no more", () => {
    agents.appear("x");
    agents.gone("x");
    expect([isEligible("x"), heard]).toEqual([false, ["reconcile x"]]);
    agents.tell("x");
    expect(isEligible("x")).toBe(true);
  });

  it("is lost when its session is cut, without a grace", () => {
    const session = agents.appear("x");
    agents.gone("x");
    session.cut();
    expect(heard.at(-1)).toBe("lost x: its session ended after its lease");
    expect([session.isClosed, isEligible("x")]).toEqual([true, undefined]);
  });

  it("is lost at once when its session was cut before", () => {
    agents.appear("x").cut();
    agents.gone("x");
    expect(heard.at(-1)).toBe("lost x: its lease has ended");
    expect(clock.armed).toBe(0);
  });

  it("may be one that nobody has heard of", () => {
    agents.gone("y");
    expect(heard).toEqual([]);
  });
});

describe("a silent agent", () => {
  it("gets no new work and keeps what it has, for it may be computing", () => {
    const { listener: session } = agents.appear("x");
    session.silenceChanged(true);
    clock.advance(reattachGraceMs * 10);
    expect([isEligible("x"), heard]).toEqual([false, ["reconcile x"]]);
    session.silenceChanged(false);
    expect(isEligible("x")).toBe(true);
  });

  it("is lost when its lease ends, or had ended before it fell silent", () => {
    agents.appear("x").listener.silenceChanged(true);
    agents.gone("x");
    const { listener: session } = agents.appear("y");
    agents.gone("y");
    session.silenceChanged(true);
    expect(heard.filter((line) => line.startsWith("lost"))).toEqual([
      "lost x: its lease has ended",
      "lost y: it was silent beyond its lease",
    ]);
  });
});

describe("a draining agent", () => {
  it("gets no new work, whether it says so or refuses for that reason", () => {
    agents.appear("x").listener.draining();
    agents.appear("y").reject("e/a/1/1", "DRAINING");
    agents.appear("z").reject("e/a/1/1", "FULL");
    expect(["x", "y", "z"].map(isEligible)).toEqual([false, false, true]);
    agents.tell("x");
    expect(isEligible("x")).toBe(false);
  });
});

describe("an agent that held work before a restart", () => {
  it("is lost when it does not appear in time", () => {
    pool.expect("x", 10_000);
    pool.expect("x", 10_000);
    clock.advance(9_999);
    expect(heard).toEqual([]);
    clock.advance(1);
    expect(heard).toEqual(["lost x: it did not come back after a restart of the orchestrator"]);
    clock.advance(10_000);
    expect(heard).toHaveLength(1);
  });

  it("has the usual grace to open its session once it has appeared", () => {
    pool.expect("x", 10_000);
    clock.advance(9_999);
    agents.tell("x");
    clock.advance(reattachGraceMs - 1);
    agents.session("x").open({ running: ["e/a/1/1"] });
    clock.advance(60_000);
    expect(heard).toEqual(["reconcile x e/a/1/1"]);
  });

  it("is not waited for when it is there already", () => {
    agents.appear("x");
    pool.expect("x", 10_000);
    expect(clock.armed).toBe(0);
  });
});

describe("stop", () => {
  it("closes every session, arms nothing more and tells nothing more", () => {
    agents.appear("x");
    agents.appear("y").cut();
    pool.expect("z", 10_000);
    heard.length = 0;
    pool.stop();
    expect(agents.sessions.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect([clock.armed, agents.isWatched]).toEqual([0, false]);
    clock.advance(60_000);
    expect(heard).toEqual([]);
  });
});
