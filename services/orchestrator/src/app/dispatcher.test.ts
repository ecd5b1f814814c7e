import { beforeEach, describe, expect, it } from "vitest";
import { DispatchDesk, reattachGraceMs, recoveryGraceMs } from "./dispatcher.fixture.ts";

let desk: DispatchDesk;

beforeEach(() => {
  desk = new DispatchDesk();
  desk.dispatcher.start();
});

describe("a slot", () => {
  it("is taken by a reservation and given back by the answer, whatever it is", () => {
    const session = desk.agents.appear("x");
    const answers = [
      (id: string) => session.succeed(id),
      (id: string) => session.fail(id, "INTERNAL"),
      (id: string) => session.reject(id, "FULL"),
    ];
    for (const [index, answer] of answers.entries()) {
      const id = desk.send(`s${index}`);
      expect(desk.reserve()).toBeUndefined();
      answer(id);
    }
    expect(desk.reserve()).toEqual({ agentId: "x", incarnation: "x#1" });
  });

  it("is given back when it is not used after all", () => {
    desk.agents.appear("x");
    desk.dispatcher.slots.giveBack(desk.reserve()!, "work", undefined);
    expect(desk.reserve()).toBeDefined();
  });

  it("is given back once, however often the agent answers", () => {
    const session = desk.agents.appear("x");
    const id = desk.send("a");
    session.succeed(id);
    desk.send("b");
    session.succeed(id);
    expect(desk.reserve()).toBeUndefined();
  });

  it("of cancelled work is the agent's until it answers", () => {
    const session = desk.agents.appear("x");
    const id = desk.send("a");
    desk.cancel({ agentId: "x", incarnation: "x#1" }, "a");
    expect(session.written.at(-1)).toBe(`cancel ${id} because not needed`);
    expect(desk.reserve()).toBeUndefined();
    session.fail(id, "CANCELLED");
    expect(desk.reserve()).toBeDefined();
  });

  it("of work that timed out is the agent's until it answers", () => {
    const session = desk.agents.appear("x");
    const id = desk.send("a", { timeoutMs: 1_000 });
    desk.clock.advance(1_000);
    expect(desk.heard).toEqual([`step.timed_out ${id}`]);
    expect(desk.reserve()).toBeUndefined();
    session.fail(id, "DEADLINE_EXCEEDED");
    expect(desk.reserve()).toBeDefined();
  });

  it("is given back when the agent was lost between the reservation and the send", () => {
    const session = desk.agents.appear("x");
    const binding = desk.reserve()!;
    session.cut();
    desk.clock.advance(reattachGraceMs);
    const id = desk.sendTo(binding, "a");
    expect(desk.heard).toEqual([`step.rejected ${id}: the agent was gone before it could be sent`]);
    session.open();
    expect(desk.reserve()).toBeDefined();
    expect(desk.clock.armed).toBe(0);
  });

  it("at the process that took the place of another is not given back for the other's work", () => {
    desk.agents.appear("x");
    const binding = desk.reserve()!;
    desk.agents.appear("x", { incarnation: "x#2" });
    expect(desk.reserve()).toEqual({ agentId: "x", incarnation: "x#2" });
    desk.sendTo(binding, "a");
    expect(desk.reserve()).toBeUndefined();
  });

  it("is held by work from before a restart, from the agent's return to its answer", () => {
    const ids = [desk.resume("x", "a"), desk.resume("x", "b")];
    const session = desk.agents.session.bind(desk.agents);
    desk.agents.tell("x", { slots: 3 });
    session("x").open({ running: ids });
    desk.send("c");
    expect(desk.reserve()).toBeUndefined();
    session("x").succeed(ids[0]!);
    expect(desk.reserve()).toBeDefined();
    expect(desk.reserve()).toBeUndefined();
  });

  it("is taken once by work that outlives a cut", () => {
    const session = desk.agents.appear("x", { slots: 2 });
    const id = desk.send("a");
    session.cut();
    session.open({ running: [id] });
    expect([desk.reserve(), desk.reserve()]).toEqual([{ agentId: "x", incarnation: "x#1" }, undefined]);
  });
});

describe("steps that wait for a slot", () => {
  it("are bound to whichever agent frees first, the oldest first", () => {
    for (const step of ["a", "b", "c"]) desk.enqueue(step);
    const x = desk.agents.appear("x");
    expect(desk.bound).toEqual(["a at x"]);
    const id = desk.sendTo({ agentId: "x", incarnation: "x#1" }, "a");
    desk.agents.appear("y");
    x.succeed(id);
    expect(desk.bound).toEqual(["a at x", "b at y", "c at x"]);
  });

  it("are not overtaken while a slot is being given away", () => {
    desk.enqueue("a");
    desk.enqueue("b");
    const late: unknown[] = [];
    desk.onBind = (step) => void late.push([step, desk.reserve()]);
    desk.agents.appear("x", { slots: 3 });
    expect(desk.bound).toEqual(["a at x", "b at x"]);
    expect(late).toEqual([
      ["a", undefined],
      ["b", { agentId: "x", incarnation: "x#1" }],
    ]);
  });

  it("wait for their own capability only", () => {
    const capabilities = [{ name: "draw", maxConcurrency: 0 }];
    desk.enqueue("a", "write");
    desk.enqueue("b", "draw");
    desk.agents.appear("x", { capabilities, slots: 2 });
    expect(desk.bound).toEqual(["b at x"]);
    expect(desk.reserve("draw")).toBeDefined();
  });

  it("leave the slot to the next when they no longer need it", () => {
    for (const step of ["a", "b", "c"]) desk.enqueue(step);
    desk.content.add("a").add("b");
    desk.agents.appear("x");
    expect(desk.bound).toEqual(["c at x"]);
    expect(desk.reserve()).toBeUndefined();
  });

  it("can be withdrawn", () => {
    const waiting = desk.enqueue("a");
    desk.enqueue("b");
    desk.dispatcher.slots.withdraw(waiting);
    desk.agents.appear("x");
    expect(desk.bound).toEqual(["b at x"]);
  });

  it("get a slot that was reserved and not used", () => {
    desk.agents.appear("x");
    const binding = desk.reserve()!;
    desk.enqueue("a");
    desk.dispatcher.slots.giveBack(binding, "work", undefined);
    expect(desk.bound).toEqual(["a at x"]);
  });

  it("do not go to an agent that has just refused because others keep it busy", () => {
    const session = desk.agents.appear("x");
    const id = desk.send("a");
    desk.enqueue("b");
    session.reject(id, "FULL", 1);
    expect(desk.bound).toEqual([]);
    session.listener.loadChanged({ slots: 1, busyElsewhere: 0, otherOrchestrators: 0 });
    expect(desk.bound).toEqual(["b at x"]);
  });
});

describe("a dispatch", () => {
  it("carries the job, the input and the time that is left", () => {
    const session = desk.agents.appear("x");
    const binding = desk.reserve()!;
    desk.sendTo(binding, "a", { timeoutMs: 90_000 });
    expect(session.dispatched).toEqual([
      {
        dispatchId: "e/a/1/1",
        capability: "work",
        namespace: "default",
        workflow: "w",
        input: { text: '"for a"' },
        timeLeftMs: 90_000,
      },
    ]);
  });

  it("times out at its deadline, unless it was answered", () => {
    const session = desk.agents.appear("x", { slots: 2 });
    const [a, b] = [desk.send("a", { timeoutMs: 1_000 }), desk.send("b", { timeoutMs: 1_000 })];
    session.succeed(a);
    desk.clock.advance(1_000);
    expect(desk.heard).toEqual([`step.succeeded ${a} 1`, `step.timed_out ${b}`]);
  });

  it("is not timed any more once the dispatcher has stopped", () => {
    desk.agents.appear("x");
    desk.send("a");
    desk.dispatcher.stop();
    expect(desk.clock.armed).toBe(0);
  });
});

describe("an answer", () => {
  it("is delivered at once and acked when it is durable", () => {
    const session = desk.agents.appear("x", { slots: 2 });
    const [a, b] = [desk.send("a"), desk.send("b")];
    session.succeed(a, "[1]");
    session.fail(b, "ABORTED");
    expect(desk.heard).toEqual([`step.succeeded ${a} [1]`, `step.failed ${b}: ABORTED`]);
    expect(session.written).toEqual([`dispatch ${a}`, `dispatch ${b}`]);
    desk.durable();
    expect(session.written.slice(2)).toEqual([`ack ${a}`, `ack ${b}`]);
  });

  it("to a send that nobody waits for any more is delivered all the same: it may still count", () => {
    const session = desk.agents.appear("x");
    session.succeed("e/a/2/3", "{}");
    expect(desk.heard).toEqual(["step.succeeded e/a/2/3 {}"]);
    desk.durable();
    expect(session.written).toEqual(["ack e/a/2/3"]);
  });

  it("to what was no dispatch of ours is acked, so that the agent forgets it", () => {
    const session = desk.agents.appear("x");
    session.succeed("whatever");
    expect(desk.heard).toEqual([]);
    expect(session.written).toEqual(["ack whatever"]);
  });

  it("that is a refusal is nothing to ack, and refuses once", () => {
    const session = desk.agents.appear("x");
    const id = desk.send("a");
    session.reject(id, "UNKNOWN_CAPABILITY");
    session.reject(id, "FULL");
    desk.durable();
    expect(desk.heard).toEqual([`step.rejected ${id}: unknown capability`]);
    expect(session.written).toEqual([`dispatch ${id}`]);
  });

  it("may be progress, which counts while it is out", () => {
    const session = desk.agents.appear("x");
    const id = desk.send("a");
    session.listener.progressed(id, 0.5, "half");
    session.succeed(id);
    session.listener.progressed(id, 1, "done");
    expect(desk.heard).toEqual(["progress e/a 0.5", `step.succeeded ${id} 1`]);
  });
});

describe("a session that opens", () => {
  it("claims what the log believes to be there", () => {
    const session = desk.agents.appear("x", { slots: 2 });
    const ids = [desk.send("a"), desk.send("b")];
    session.succeed(ids[0]!);
    expect(session.listener.believedInFlight()).toEqual([ids[1]]);
  });

  it("sends elsewhere what never arrived, and keeps what runs or has finished", () => {
    const session = desk.agents.appear("x", { slots: 3 });
    const [a, b] = [desk.send("a"), desk.send("b")];
    const binding = desk.reserve()!;
    session.cut();
    const c = desk.sendTo(binding, "c");
    session.open({ running: [a], finished: [b] });
    expect(desk.heard).toEqual([`step.rejected ${c}: it never arrived`]);
    expect([desk.reserve(), desk.reserve()]).toEqual([{ agentId: "x", incarnation: "x#1" }, undefined]);
  });

  it("stops what runs there and is not waited for", () => {
    const session = desk.agents.appear("x", { slots: 2 });
    const id = desk.send("a");
    session.cut();
    session.open({ running: [id, "e/old/1/1"] });
    expect(session.written.slice(1)).toEqual(["cancel e/old/1/1 because nobody waits for it any more"]);
  });

  it("hears of a cancel that was given while it was cut", () => {
    const session = desk.agents.appear("x");
    const id = desk.send("a");
    session.cut();
    desk.cancel({ agentId: "x", incarnation: "x#1" }, "a");
    session.open({ running: [id] });
    expect(session.written.slice(1)).toEqual([`cancel ${id} because not needed`]);
  });
});

describe("an agent that is lost", () => {
  it("loses all its work at once, and its slots are free when it comes back", () => {
    const session = desk.agents.appear("x", { slots: 2 });
    const ids = [desk.send("a"), desk.send("b")];
    session.cut();
    desk.clock.advance(reattachGraceMs);
    const reason = "its session was cut and did not come back";
    expect(desk.heard).toEqual(ids.map((id) => `step.lost ${id}: ${reason}`));
    session.open();
    expect([desk.reserve(), desk.reserve()].every(Boolean)).toBe(true);
    expect(desk.clock.armed).toBe(0);
  });

  it("may bring a result after all", () => {
    const session = desk.agents.appear("x");
    const id = desk.send("a");
    session.cut();
    desk.clock.advance(reattachGraceMs);
    session.open({ finished: [id] });
    session.succeed(id);
    desk.durable();
    expect(desk.heard.at(-1)).toBe(`step.succeeded ${id} 1`);
    expect(session.written.at(-1)).toBe(`ack ${id}`);
  });
});

describe("work from before a restart", () => {
  it("goes on where it runs", () => {
    const id = desk.resume("x", "a");
    desk.agents.tell("x");
    expect(desk.agents.session("x").listener.believedInFlight()).toEqual([id]);
    desk.agents.session("x").open({ running: [id] });
    desk.clock.advance(recoveryGraceMs);
    desk.agents.session("x").succeed(id);
    expect(desk.heard).toEqual([`step.succeeded ${id} 1`]);
  });

  it("was never sent when the same process does not have it", () => {
    const id = desk.resume("x", "a");
    desk.agents.appear("x");
    expect(desk.heard).toEqual([`step.rejected ${id}: it never arrived`]);
  });

  it("is lost when another process answers, which says nothing about what the old one did", () => {
    const id = desk.resume("x", "a");
    desk.agents.appear("x", { incarnation: "x#2" });
    expect(desk.heard).toEqual([`step.lost ${id}: a new process has taken its place`]);
    expect(desk.reserve()).toBeDefined();
  });

  it("is lost when its agent does not come back", () => {
    const id = desk.resume("x", "a");
    desk.clock.advance(recoveryGraceMs);
    expect(desk.heard).toEqual([`step.lost ${id}: it did not come back after a restart of the orchestrator`]);
  });

  it("times out, when its deadline passed meanwhile, only after its agent had time to bring the answer", () => {
    const id = desk.resume("x", "a", -5_000);
    desk.agents.tell("x");
    desk.agents.session("x").open({ running: [id] });
    desk.clock.advance(recoveryGraceMs - 1);
    expect(desk.heard).toEqual([]);
    desk.clock.advance(1);
    expect(desk.heard).toEqual([`step.timed_out ${id}`]);
  });
});
