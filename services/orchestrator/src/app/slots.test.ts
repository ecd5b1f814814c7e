import { beforeEach, describe, expect, it } from "vitest";
import { DispatchDesk } from "./dispatcher.fixture.ts";
import type { HandSession } from "./hand-agents.fixture.ts";

let desk: DispatchDesk;
let x: HandSession;

beforeEach(() => {
  desk = new DispatchDesk();
  desk.dispatcher.start();
  x = desk.agents.appear("x");
});

/** Sends a step that takes so long at the agent. */
function succeedAfter(ms: number): void {
  const id = desk.send("a");
  desk.clock.advance(ms);
  x.succeed(id);
}

describe("the slot of a call that failed", () => {
  it("rests for as long as about three such calls take, so that an agent that fails at once draws no more", () => {
    succeedAfter(1_000);
    x.fail(desk.send("a"), "UNAVAILABLE");
    expect(desk.reserve()).toBeUndefined();
    desk.enqueue("b");
    desk.clock.advance(3_000);
    expect(desk.bound).toEqual(["b at x"]);
  });

  it("does not rest when the step itself was wrong, or an agent refused it", () => {
    succeedAfter(1_000);
    x.fail(desk.send("a"), "INVALID_ARGUMENT");
    x.reject(desk.send("b"), "FULL");
    expect(desk.reserve()?.agentId).toBe("x");
  });

  it("is none of the agent's next life", () => {
    succeedAfter(1_000);
    x.fail(desk.send("a"), "UNAVAILABLE");
    desk.agents.appear("x", { incarnation: "x#2" });
    expect(desk.reserve()?.incarnation).toBe("x#2");
    desk.clock.advance(60_000);
    expect(desk.reserve()).toBeUndefined();
  });

  it("leaves no timer behind", () => {
    succeedAfter(1_000);
    x.fail(desk.send("a"), "UNAVAILABLE");
    desk.dispatcher.stop();
    expect(desk.clock.armed).toBe(0);
  });
});

describe("steps that wait", () => {
  it("are served in turns of their executions, though one has many", () => {
    const id = desk.send("first");
    for (const step of ["a", "b", "c"]) desk.enqueue(step);
    desk.enqueue("z", "work", "other");
    desk.onBind = (step) => void desk.clock.after(0, () => x.succeed(desk.sendTo(bindingAtX, step)));
    x.succeed(id);
    desk.clock.advance(10);
    expect(desk.bound).toEqual(["a at x", "z at x", "b at x", "c at x"]);
  });
});

describe("a step that waits where an agent has other orchestrators", () => {
  const isFull = { slots: 1, busyElsewhere: 1, otherOrchestrators: 1 };

  it("says so there, is bound when it is offered a slot, and says that it waits no more", () => {
    x.listener.loadChanged(isFull);
    desk.enqueue("a");
    desk.clock.advance(20);
    x.listener.loadChanged({ ...isFull, busyElsewhere: 0 });
    expect(desk.bound).toEqual(["a at x"]);
    desk.clock.advance(20);
    expect(x.written).toEqual(["wait work: 1 for 20", "wait work: 0 for 0"]);
  });

  it("says so again in a new session", () => {
    x.listener.loadChanged(isFull);
    desk.enqueue("a");
    desk.clock.advance(20);
    x.cut();
    x.open(isFull);
    desk.clock.advance(20);
    expect(x.written).toEqual(["wait work: 1 for 20", "wait work: 1 for 40"]);
  });
});

const bindingAtX = { agentId: "x", incarnation: "x#1" };
