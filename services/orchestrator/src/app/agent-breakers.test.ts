import { beforeEach, describe, expect, it } from "vitest";
import type { Failure } from "../core/failure.ts";
import { agentBreakerCoolDownMs, DispatchDesk } from "./dispatcher.fixture.ts";
import type { HandSession } from "./hand-agents.fixture.ts";

let desk: DispatchDesk;
let x: HandSession;
let steps: number;

beforeEach(() => {
  desk = new DispatchDesk();
  desk.dispatcher.start();
  x = desk.agents.appear("x");
  steps = 0;
});

/** Sends steps to x, one after the other, and has each fail. */
function failAtX(times: number, code: Failure["code"] = "UNAVAILABLE"): void {
  for (let time = 0; time < times; time++) x.fail(desk.send(`f${++steps}`), code);
}

function explained(): unknown {
  return desk.dispatcher.slots.explain("work", undefined);
}

describe("an agent that keeps failing at a capability", () => {
  it("is passed over for it from the fifth failure on", () => {
    failAtX(4);
    x.fail(desk.send("last"), "INTERNAL");
    expect(desk.reserve()).toBeUndefined();
    const y = desk.agents.appear("y");
    y.succeed(desk.send("a"));
    expect(desk.reserve()?.agentId).toBe("y");
  });

  it("still gets work of its other capabilities", () => {
    const capabilities = ["work", "draw"].map((name) => ({ name, maxConcurrency: 0 }));
    desk.agents.tell("x", { capabilities });
    failAtX(5);
    expect([desk.reserve(), desk.reserve("draw")?.agentId]).toEqual([undefined, "x"]);
  });

  it("is given one probe after the cool-down, and the rest when that has succeeded", () => {
    desk.agents.tell("x", { slots: 3 });
    failAtX(5);
    for (const step of ["a", "b", "c"]) desk.enqueue(step);
    desk.clock.advance(agentBreakerCoolDownMs - 1);
    expect(desk.bound).toEqual([]);
    desk.clock.advance(1);
    expect(desk.bound).toEqual(["a at x"]);
    x.succeed(desk.sendTo({ agentId: "x", incarnation: "x#1" }, "a"));
    expect(desk.bound).toEqual(["a at x", "b at x", "c at x"]);
  });

  it("tells when it opens, lets a probe through, and closes, and why", () => {
    failAtX(5);
    desk.clock.advance(agentBreakerCoolDownMs);
    failAtX(1);
    desk.clock.advance(agentBreakerCoolDownMs);
    x.reject(desk.send("a"), "FULL");
    x.succeed(desk.send("a"));
    expect(desk.breakers).toEqual([
      "agent/x/work OPEN: FAILURES",
      "agent/x/work HALF_OPEN: COOLED_DOWN",
      "agent/x/work OPEN: PROBE_FAILED",
      "agent/x/work HALF_OPEN: COOLED_DOWN",
      "agent/x/work CLOSED: PROBE_PASSED",
    ]);
    const froms = desk.changes.map(({ from }) => from);
    expect(froms).toEqual(["CLOSED", "OPEN", "HALF_OPEN", "OPEN", "HALF_OPEN"]);
  });

  it("tells with what it failed last, and until when it is left alone", () => {
    failAtX(4);
    desk.send("slow", { timeoutMs: 1_000 });
    desk.clock.advance(1_000);
    expect(desk.changes).toEqual([
      {
        breaker: expect.objectContaining({
          name: "agent/x/work",
          watched: { kind: "agent", agentId: "x", capability: "work" },
          lastFailureCode: "DEADLINE_EXCEEDED",
          nextProbeAtMs: desk.clock.now() + agentBreakerCoolDownMs,
        }),
        from: "CLOSED",
        reason: "FAILURES",
        timeMs: desk.clock.now(),
      },
    ]);
  });

  it("tells that its breaker is no more when it is gone itself", () => {
    x.succeed(desk.send("a"));
    x = desk.agents.appear("x", { incarnation: "x#2" });
    expect(desk.breakers).toEqual([]);
    failAtX(5);
    x = desk.agents.appear("x", { incarnation: "x#3" });
    expect(desk.breakers.slice(1)).toEqual(["agent/x/work CLOSED: AGENT_GONE"]);
    expect(desk.changes[1]?.breaker).toMatchObject({ failuresInARow: 0, openedAtMs: undefined });
  });

  it("cools down anew when the probe fails", () => {
    failAtX(5);
    desk.clock.advance(agentBreakerCoolDownMs);
    failAtX(1);
    expect(desk.reserve()).toBeUndefined();
    desk.clock.advance(agentBreakerCoolDownMs);
    expect(desk.reserve()?.agentId).toBe("x");
  });

  it("is probed again when the probe was not used, was rejected, or was cancelled", () => {
    failAtX(5);
    desk.clock.advance(agentBreakerCoolDownMs);
    desk.dispatcher.slots.giveBack(desk.reserve()!, "work", undefined);
    x.reject(desk.send("a"), "FULL");
    const id = desk.send("b");
    desk.cancel({ agentId: "x", incarnation: "x#1" }, "b");
    x.fail(id, "CANCELLED");
    desk.enqueue("c");
    desk.content.add("c");
    x.listener.loadChanged({ slots: 1, busyElsewhere: 0, otherOrchestrators: 0 });
    expect([desk.bound, desk.reserve()?.agentId]).toEqual([[], "x"]);
  });

  it("starts with a clean record as a new process", () => {
    failAtX(5);
    x = desk.agents.appear("x", { incarnation: "x#2" });
    expect(desk.reserve()).toEqual({ agentId: "x", incarnation: "x#2" });
    expect(desk.clock.armed).toBe(0);
  });

  it("keeps its record over a cut of its session", () => {
    failAtX(5);
    x.cut();
    x.open();
    expect(desk.reserve()).toBeUndefined();
  });

  it("explains why steps wait, if there is nobody else", () => {
    failAtX(5);
    const nextProbeAtMs = desk.clock.now() + agentBreakerCoolDownMs;
    expect(explained()).toEqual({ kind: "agents-failing", agents: 1, nextProbeAtMs });
    desk.clock.advance(agentBreakerCoolDownMs);
    desk.reserve();
    expect(explained()).toEqual({ kind: "agents-failing", agents: 1, nextProbeAtMs: undefined });
    desk.agents.appear("y");
    desk.reserve();
    expect(explained()).toMatchObject({ kind: "agents-full", agents: 2 });
  });
});

describe("an agent is not held responsible for", () => {
  it("failures of the step's own making, its load, and what was cancelled", () => {
    for (const code of ["INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED", "CANCELLED"] as const)
      failAtX(5, code);
    expect(desk.reserve()?.agentId).toBe("x");
  });

  it("rejections", () => {
    for (let time = 0; time < 6; time++) x.reject(desk.send(`s${time}`), "FULL");
    expect(desk.reserve()?.agentId).toBe("x");
  });

  it("a deadline that passes while there is progress", () => {
    failAtX(4);
    const id = desk.send("slow", { timeoutMs: 1_000 });
    x.listener.progressed(id, 0.5, "half");
    desk.clock.advance(1_000);
    x.fail(id, "CANCELLED");
    expect(desk.reserve()?.agentId).toBe("x");
  });

  it("the same failure twice", () => {
    failAtX(3);
    const id = desk.send("slow", { timeoutMs: 1_000 });
    desk.clock.advance(1_000);
    x.fail(id, "DEADLINE_EXCEEDED");
    expect(desk.reserve()?.agentId).toBe("x");
  });
});

it("is held responsible for a deadline without progress, before it answers", () => {
  desk.agents.tell("x", { slots: 2 });
  failAtX(4);
  desk.send("slow", { timeoutMs: 1_000 });
  desk.clock.advance(1_000);
  expect(desk.reserve()).toBeUndefined();
});

it("passes as a probe that makes progress for long enough", () => {
  desk.agents.tell("x", { slots: 2 });
  failAtX(5);
  desk.clock.advance(agentBreakerCoolDownMs);
  const id = desk.send("long");
  desk.clock.advance(29_999);
  x.listener.progressed(id, 0.5, "half");
  expect(desk.reserve()).toBeUndefined();
  desk.clock.advance(1);
  x.listener.progressed(id, 0.6, "more");
  failAtX(4);
  expect(desk.reserve()?.agentId).toBe("x");
});

it("is not judged by what it was given before its breaker opened", () => {
  desk.agents.tell("x", { slots: 6 });
  const ids = ["a", "b", "c", "d", "e", "f"].map((step) => desk.send(step));
  for (const id of ids.slice(0, 5)) x.fail(id, "UNKNOWN");
  desk.clock.advance(agentBreakerCoolDownMs);
  x.fail(ids[5]!, "UNKNOWN");
  expect(desk.reserve()?.agentId).toBe("x");
});
